import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;
type Options = NonNullable<Parameters<typeof generate>[1]>;

const DAY_MS = 24 * 3_600_000;

const HERE = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
] as const;

const BASE = { keyType: 'ec', algorithm: 'sha256' } as const satisfies Options;

async function make(name: string, options: Options): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: name }], { ...BASE, ...options });
  return { key: made.private, cert: made.cert };
}

function makeAuthority(name: string, options: Options = {}): Promise<Certificate> {
  return make(name, {
    ...options,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
}

/** A certificate of the authority for this host, with whatever is to be wrong about it. */
function makeLeaf(ca: Certificate | null, changes: Options = {}): Promise<Certificate> {
  const extensions: Extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: [...HERE] },
  ];
  return make('gateway', { ...(ca === null ? {} : { ca }), extensions, ...changes });
}

/** Everything that the peers of the board show, made when the board runs. */
export async function makeCertificates() {
  const authority = await makeAuthority('Good Authority');
  const rsa = { keyType: 'rsa', keySize: 2_048 } as const;
  // A key signs certificates of its own kind.
  const authorityRsa = await makeAuthority('Good RSA Authority', rsa);
  const stranger = await makeAuthority('Unknown Authority');
  const names = (value: string): Extensions => [
    { name: 'subjectAltName', altNames: [{ type: 2, value }] },
  ];
  const nowMs = Date.now();
  const between = (fromDays: number, toDays: number): Options => ({
    notBeforeDate: new Date(nowMs + fromDays * DAY_MS),
    notAfterDate: new Date(nowMs + toDays * DAY_MS),
  });
  const good = await makeLeaf(authority);
  // A leaf that signs like an authority: its own certificate does not let it.
  const forged = await makeLeaf(good);
  return {
    /** What a client trusts. */
    bundle: `${authority.cert}\n${authorityRsa.cert}`,
    good,
    goodRsa: await makeLeaf(authorityRsa, rsa),
    expired: await makeLeaf(authority, between(-30, -1)),
    notYet: await makeLeaf(authority, between(1, 30)),
    otherHost: await makeLeaf(authority, { extensions: names('other.example') }),
    wildcard: await makeLeaf(authority, { extensions: names('*.localhost') }),
    selfSigned: await makeLeaf(null),
    unknown: await makeLeaf(stranger),
    byLeaf: { key: forged.key, cert: `${forged.cert}\n${good.cert}` },
    forClients: await makeLeaf(authority, {
      extensions: [
        { name: 'extKeyUsage', clientAuth: true },
        { name: 'subjectAltName', altNames: [...HERE] },
      ],
    }),
    weakKey: await makeLeaf(authorityRsa, { ...rsa, keySize: 1_024 }),
    sha1: await makeLeaf(authorityRsa, { ...rsa, algorithm: 'sha1' }),
  };
}

export type Certificates = Awaited<ReturnType<typeof makeCertificates>>;
