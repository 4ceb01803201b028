import { createHash, createHmac } from 'node:crypto';
import type { HttpRequest } from '../../system/http-client.ts';

/** Where a request is signed for. */
export interface AwsScope {
  readonly region: string;
  /** `execute-api` for API Gateway. */
  readonly service: string;
  /** `Host` as the client sends it. */
  readonly host: string;
}

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | null;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signs a request with AWS Signature Version 4. The body, which may hold card digits, is only hashed:
 * no part of it becomes text.
 *
 * @param nowMs wall clock; AWS takes five minutes of difference.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedForAws(
  request: HttpRequest,
  scope: AwsScope,
  keys: AwsKeys,
  nowMs: number,
): HttpRequest {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    ...(keys.sessionToken !== null && { 'x-amz-security-token': keys.sessionToken }),
  };
  const signed = Object.entries({ ...headers, host: scope.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ +/g, ' ')] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    ...canonicalPath(request.path),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(request.body ?? new Uint8Array(0)),
  ].join('\n');
  const place = `${date}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = [ALGORITHM, time, place, sha256(Buffer.from(canonical, 'utf8'))].join('\n');
  const signature = hmac(signingKey(keys, date, scope), toSign).toString('hex');
  const authorization =
    `${ALGORITHM} Credential=${keys.accessKeyId}/${place}, ` +
    `SignedHeaders=${names}, Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization } };
}

function signingKey(keys: AwsKeys, date: string, { region, service }: AwsScope): Buffer {
  return [date, region, service, 'aws4_request'].reduce<Buffer>(
    (key, part) => hmac(key, part),
    Buffer.from(`AWS4${keys.secretAccessKey}`, 'utf8'),
  );
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** RFC 3986 §2.3: only unreserved characters stay as they are. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** What stands before the first mark, and all behind it. */
function halves(text: string, mark: string): [before: string, behind: string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Every part of the path, which is encoded already, is encoded once more; S3 alone differs. */
function canonicalPath(path: string): [path: string, query: string] {
  const [name, query] = halves(path, '?');
  const pairs = query === '' ? [] : query.split('&');
  const parameters = pairs
    .map((pair) => {
      const [key, value] = halves(pair, '=');
      return [encoded(decodeURIComponent(key)), encoded(decodeURIComponent(value))] as const;
    })
    .toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return [name.split('/').map(encoded).join('/'), parameters.join('&')];
}
