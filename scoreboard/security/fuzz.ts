import * as fc from 'fast-check';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { ROUTES, ROUTE_IDS } from '../../src/contract/routes.ts';
import { pathOf } from '../../test/api/running-api.ts';

/** A request as it goes on the wire, and where to. */
export interface FuzzedRequest {
  readonly door: 'bridge' | 'tokenizer';
  readonly bytes: Buffer;
  /** In words, without its content: what was bent. */
  readonly what: string;
}

/** What every fuzzed request is bent from: a request that the route takes. */
interface Sound {
  readonly door: 'bridge' | 'tokenizer';
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
}

export interface FuzzMeans {
  readonly token: string;
  /** Stands in every card field; it must come back in no answer and no log. */
  readonly pan: string;
}

function soundRequests(pan: string): readonly Sound[] {
  return ROUTE_IDS.map((id) => {
    const route = ROUTES[id];
    const request: object | null = EXAMPLES[id].request;
    const body = id === 'tokenise' ? { ...request, card_number: pan } : request;
    return {
      door: route.process === 'tokenizer' ? 'tokenizer' : 'bridge',
      method: route.method,
      path: pathOf(route.path),
      body: body === null ? null : JSON.stringify(body),
    };
  });
}

type Bend<T> = fc.Arbitrary<{ readonly what: string; readonly run: (value: T) => T }>;

const KEYS = ['__proto__', 'constructor', 'toString', '', '\u0000', 'customer_id', 'card_number'];

/** Text of a value that JSON can hold and few programs expect. */
const oddValue = fc.constantFrom(
  '1e999',
  '-0',
  '9007199254740993',
  '0.1e-400',
  '"\\ud800"',
  '"\\u0000"',
  `"${'a'.repeat(5_000)}"`,
  '{"__proto__":{"a":1}}',
  '[[[[[[[[[[[[]]]]]]]]]]]]',
  'null',
  '{}',
  'true',
);

/** What can be bent in a body, as text. */
const bodyBend: Bend<string> = fc.oneof(
  fc.tuple(fc.constantFrom(...KEYS), oddValue).map(([key, value]) => ({
    what: 'one member more',
    run: (text: string) => text.replace('{', `{${JSON.stringify(key)}:${value},`),
  })),
  fc.tuple(fc.nat(30), oddValue).map(([at, value]) => ({
    what: 'another value',
    run: (text: string) => {
      let left = at;
      return text.replaceAll(/:("[^"]*"|[0-9.]+|true|false|null)/g, (whole) =>
        left-- === 0 ? `:${value}` : whole,
      );
    },
  })),
  fc.nat(400).map((at) => ({ what: 'cut off', run: (text: string) => text.slice(0, at) })),
  fc.nat(400).map((at) => ({
    what: 'a piece twice',
    run: (text: string) => text.slice(0, at) + text.slice(Math.floor(at / 2)),
  })),
  fc
    .tuple(fc.nat(400), fc.constantFrom('\u0000', '\\', '"', '{', '}', ',', '\u202e', '٤'))
    .map(([at, character]) => ({
      what: 'one character more',
      run: (text: string) => text.slice(0, at) + character + text.slice(at),
    })),
  fc.integer({ min: 1, max: 40 }).map((depth) => ({
    what: 'nested',
    run: (text: string) => `${'{"a":'.repeat(depth)}${text}${'}'.repeat(depth)}`,
  })),
  fc.constant({ what: 'a list of itself', run: (text: string) => `[${text},${text}]` }),
);

const HEADERS: readonly (readonly [string, string])[] = [
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'multipart/form-data; boundary=a'],
  ['content-encoding', 'gzip'],
  ['transfer-encoding', 'chunked'],
  ['content-length', '1'],
  ['content-length', '100000'],
  ['expect', '100-continue'],
  ['idempotency-key', '\u0001'],
  ['idempotency-key', 'a'.repeat(300)],
  ['authorization', 'Basic :'],
  ['authorization', `Bearer ${'a'.repeat(3_000)}`],
  ['x-http-method-override', 'DELETE'],
  ['host', ''],
  ['connection', 'upgrade'],
  ['cookie', `a=${'b'.repeat(9_000)}`],
];

/** What can be bent in the head and in the bytes of the whole. */
const headBend = fc.oneof(
  { arbitrary: fc.constant(null), weight: 3 },
  { arbitrary: fc.constantFrom(...HEADERS), weight: 2 },
);
const methodBend = fc.oneof(
  { arbitrary: fc.constant(null), weight: 9 },
  { arbitrary: fc.constantFrom('GET', 'PUT', 'PATCH', 'get', 'FOO', 'OPTIONS'), weight: 1 },
);
const pathBend = fc.oneof(
  { arbitrary: fc.constant(''), weight: 8 },
  {
    arbitrary: fc.constantFrom('/', '/..', '%00', '?a=%', '?limit=1e9', '//', '#', ';a'),
    weight: 2,
  },
);
const byteBend = fc.oneof(
  { arbitrary: fc.constant(null), weight: 4 },
  {
    arbitrary: fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
    weight: 1,
  },
);

/** Every route, bent in one to three ways. */
export function fuzzed({ token, pan }: FuzzMeans): fc.Arbitrary<FuzzedRequest> {
  const sound = fc.constantFrom(...soundRequests(pan));
  const bends = fc.array(bodyBend, { maxLength: 2 });
  return fc
    .tuple(sound, bends, headBend, methodBend, pathBend, byteBend)
    .map(([request, bodies, header, method, path, byte]) => {
      const body = bodies.reduce((text, bend) => bend.run(text), request.body ?? '');
      const head = [
        `${method ?? request.method} ${request.path}${path} HTTP/1.1`,
        'host: 127.0.0.1',
        'connection: close',
        `authorization: Bearer ${token}`,
        ...(body === '' ? [] : ['content-type: application/json']),
        ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
        ...(header === null ? [] : [header.join(': ')]),
      ];
      const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'utf8');
      if (byte !== null) bytes[Math.floor(byte.at * (bytes.length - 1))] = byte.byte;
      const what = [
        ...bodies.map((bend) => bend.what),
        ...(header === null ? [] : [`header ${header[0]}`]),
        ...(method === null ? [] : ['method']),
        ...(path === '' ? [] : ['address']),
        ...(byte === null ? [] : ['one byte']),
      ];
      return {
        door: request.door,
        bytes,
        what: `${request.method} ${request.path}: ${what.join(', ') || 'as it should be'}`,
      };
    });
}
