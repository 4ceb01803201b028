import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto';
import { SignJWT, type JWTHeaderParameters } from 'jose';
import { openSigner } from '../../src/system/access-token.ts';
import { freshKey } from '../../test/api/running-api.ts';

/** A token that is brought to every route, and how it has to be refused; 200 lets it pass. */
export interface Brought {
  readonly name: string;
  readonly token: string;
  readonly status: 200 | 401 | 403;
}

const LIFETIME_S = 600;
const ALL = 'calls cards operator auditor';
/** Longer than this board takes. */
const AHEAD_S = 3_600;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens of somebody who has the installation's own private key, and of those who have not. */
export async function broughtTokens(privatePem: string): Promise<Brought[]> {
  const signer = openSigner(privatePem);
  const nowMs = Date.now();
  const nowS = Math.floor(nowMs / 1_000);
  const header: JWTHeaderParameters = { alg: 'EdDSA', typ: 'at+jwt', kid: signer.keyId };
  const claims = {
    iss: 'tokenline',
    aud: 'tokenline',
    sub: 'tokenline-sandbox',
    scope: ALL,
    iat: nowS,
    exp: nowS + LIFETIME_S,
  };
  const key = createPrivateKey(privatePem);
  const signed = (over: object, head: JWTHeaderParameters = header): Promise<string> => {
    const payload = { ...claims, ...over };
    return new SignJWT(payload).setProtectedHeader(head).sign(key);
  };
  const refused = (name: string, token: string): Brought => ({ name, token, status: 401 });
  const good = await signed({});
  const [head = '', body = '', signature = ''] = good.split('.');
  const asHs256 = (secret: string | Buffer): string => {
    const text = `${part({ ...header, alg: 'HS256' })}.${body}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const der = createPublicKey(signer.publicPem).export({ type: 'spki', format: 'der' });
  const stranger = openSigner(freshKey());
  const strangersToken = await stranger.sign(
    'tokenline-sandbox',
    ALL.split(' '),
    nowMs,
    LIFETIME_S,
  );
  const [, , strangersSignature = ''] = strangersToken.split('.');
  const underOurId = await new SignJWT(claims)
    .setProtectedHeader(header)
    .sign(createPrivateKey(freshKey()));
  return [
    { name: 'good', token: good, status: 200 },
    { name: 'good until a minute from now', token: await signed({ exp: nowS + 60 }), status: 200 },
    { name: 'good, of another client', token: await signed({ sub: 'other' }), status: 200 },
    { name: 'without a scope', token: await signed({ scope: '' }), status: 403 },
    { name: 'scopes in capitals', token: await signed({ scope: ALL.toUpperCase() }), status: 403 },
    refused('expired this second', await signed({ exp: nowS })),
    refused('expired an hour ago', await signed({ iat: nowS - 4_200, exp: nowS - AHEAD_S })),
    refused('not good before in an hour', await signed({ nbf: nowS + AHEAD_S })),
    refused('without an end', await signed({ exp: undefined })),
    refused('for another audience', await signed({ aud: 'elsewhere' })),
    refused('for no audience', await signed({ aud: undefined })),
    refused('of another issuer', await signed({ iss: 'elsewhere' })),
    refused('of no issuer', await signed({ iss: undefined })),
    refused('for nobody', await signed({ sub: undefined })),
    refused('a token of another kind', await signed({}, { ...header, typ: 'JWT' })),
    refused('another key id', await signed({}, { ...header, kid: 'key-b' })),
    refused('no key id', await signed({}, { alg: 'EdDSA', typ: 'at+jwt' })),
    refused('algorithm none', `${part({ ...header, alg: 'none' })}.${body}.`),
    refused(
      'algorithm none, with a signature',
      `${part({ ...header, alg: 'none' })}.${body}.${signature}`,
    ),
    refused('HS256 with the public key as PEM', asHs256(signer.publicPem)),
    refused('HS256 with the public key as DER', asHs256(der)),
    refused('edited payload', `${head}.${part({ ...claims, sub: 'operator' })}.${signature}`),
    refused('the signature of another token', `${head}.${body}.${strangersSignature}`),
    refused('without its signature', `${head}.${body}.`),
    refused('of another installation', strangersToken),
    refused('of another installation, under our key id', underOurId),
    refused('no token', 'nonsense'),
  ];
}
