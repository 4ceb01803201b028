import { generate } from 'selfsigned';

/** PEM texts of a server. */
export interface PeerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that clients are told of, and what two servers show. */
export interface Certificates {
  /** PEM of the authority. */
  readonly ca: string;
  /** Good for the names. */
  readonly own: PeerCertificate;
  /** Good for nobody that is asked for: of the same authority, for another name. */
  readonly stranger: PeerCertificate;
}

const EC = { keyType: 'ec', algorithm: 'sha256' } as const;

/** Certificates for servers with these names. */
export async function certificatesFor(names: readonly string[]): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'Board Authority' }], {
    ...EC,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const leaf = async (own: readonly string[]): Promise<PeerCertificate> => {
    const altNames = own.map((value) => ({ type: 2 as const, value }));
    const made = await generate([{ name: 'commonName', value: own[0] ?? '' }], {
      ...EC,
      ca,
      extensions: [{ name: 'subjectAltName', altNames }],
    });
    return { key: made.private, cert: made.cert };
  };
  return { ca: ca.cert, own: await leaf(names), stranger: await leaf(['stranger.test']) };
}
