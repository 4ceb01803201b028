/** A refusal of the bridge: an RFC 9457 problem. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.name = 'Refused';
    this.status = status;
    this.code = code;
  }
}

/** Of a request that changes something; no other site can send it. */
export const OWN_PAGE = { 'x-tokenline-console': '1' };

function memberOf(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
}

/** The body of an answer; `null` where it has none. @throws {Refused} */
export async function answerOf(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body;
  throw new Refused(
    response.status,
    memberOf(body, 'code'),
    memberOf(body, 'detail') || 'The bridge gave no answer that can be read.',
  );
}

/** Asks the bridge. @throws {Refused} @throws TypeError where it cannot be reached. */
export async function ask<T>(path: string): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
  return (await answerOf(await fetch(`/console/api/${path}`))) as T;
}

function send(path: string, body: unknown, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(`/console/api/${path}`, {
    method: 'POST',
    headers: { ...OWN_PAGE, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

/** Asks the bridge to change something. @throws {Refused} @throws TypeError as {@link ask}. */
export async function tell<T>(path: string, body: unknown = {}): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
  return (await answerOf(await send(path, body))) as T;
}

/** The pieces of an answer as they come, of which each ends with the separator. @throws {Refused} */
export async function* piecesOf(
  response: Response,
  separator: string,
): AsyncGenerator<string, void, void> {
  if (!response.ok) await answerOf(response);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) return;
    const pieces = `${text}${read.value}`.split(separator);
    text = pieces.pop() ?? '';
    yield* pieces;
  }
}

/**
 * Something that the bridge takes its time for, and tells of line by line.
 *
 * @throws {Refused} @throws TypeError where it cannot be reached, or breaks off.
 */
export async function tellLines<T>(
  path: string,
  body: unknown,
  take: (line: T) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const line of piecesOf(await send(path, body, signal), '\n')) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
    take(JSON.parse(line) as T);
  }
}
