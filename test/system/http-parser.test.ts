import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ResponseParser, type Parsed } from '../../src/system/http-parser.ts';

const BODY_BYTES_MAX = 1000;

function parse(chunks: readonly Buffer[], ends = false): { parsed: Parsed; excess: boolean } {
  const parser = new ResponseParser(BODY_BYTES_MAX);
  for (const chunk of chunks) {
    const given = Buffer.from(chunk);
    parser.push(given);
    // As its owner does: the parser may keep nothing of it.
    given.fill(0);
  }
  if (ends) parser.end();
  return { parsed: parser.parsed, excess: parser.excess };
}

const parseText = (text: string, ends = false): Parsed =>
  parse([Buffer.from(text, 'latin1')], ends).parsed;

/** The response of a text that has to be complete. */
function complete(text: string, ends = false): Extract<Parsed, { kind: 'complete' }> {
  const parsed = parseText(text, ends);
  assert.ok(parsed.kind === 'complete', text);
  return parsed;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [0, ...edges].map((from, i) => bytes.subarray(from, edges[i] ?? bytes.length));
}

const cuts = fc.array(fc.nat(), { maxLength: 40 });
const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/).map((name) => `x-${name}`);
const fieldValue = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const bodyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

interface Sample {
  readonly wire: Buffer;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Well-formed responses in all three framings, with interim responses before them. */
const sample: fc.Arbitrary<Sample> = fc
  .record({
    interim: fc.nat({ max: 2 }),
    status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    fields: fc.dictionary(token, fieldValue, { maxKeys: 5 }),
    body: bodyBytes,
    framing: fc.constantFrom('length', 'chunked', 'close'),
    chunkBytes: fc.integer({ min: 1, max: 64 }),
    trailer: fc.boolean(),
  })
  .map(({ interim, status, fields, body, framing, chunkBytes, trailer }) => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(fields)) headers[name.toLowerCase()] = value;
    if (framing === 'length') headers['content-length'] = String(body.length);
    if (framing === 'chunked') headers['transfer-encoding'] = 'chunked';
    const lines = Object.entries(headers).map(([name, value]) => `${name}:  ${value} \r\n`);
    const head = `HTTP/1.1 ${status} Fine\r\n${lines.join('')}\r\n`;
    const before = 'HTTP/1.1 103 Early Hints\r\nlink: </style>\r\n\r\n'.repeat(interim);
    const parts = [Buffer.from(before + head, 'latin1')];
    if (framing === 'chunked') {
      for (let at = 0; at < body.length; at += chunkBytes) {
        const part = body.subarray(at, at + chunkBytes);
        parts.push(Buffer.from(`${part.length.toString(16)};a=b\r\n`), part, Buffer.from('\r\n'));
      }
      parts.push(Buffer.from(`0\r\n${trailer ? 'x-sum: 1\r\n' : ''}\r\n`));
    } else {
      parts.push(body);
    }
    return { wire: Buffer.concat(parts), status, headers, body };
  });

test('a response reads the same however its bytes are cut into chunks', () => {
  fc.assert(
    fc.property(sample, cuts, ({ wire, status, headers, body }, places) => {
      const { parsed, excess } = parse(cut(wire, places), true);
      assert.ok(parsed.kind === 'complete');
      assert.deepEqual(parsed.response, { status, headers, body });
      assert.equal(excess, false);
    }),
    { numRuns: 500 },
  );
});

test('garbage never throws, and reads the same however it is cut', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom(
          'HTTP/1.1 200 OK\r\n',
          'Content-Length: 3\r\n',
          'Transfer-Encoding: chunked\r\n',
          ' folded\r\n',
          '\r\n',
          '\n',
          '3\r\nabc\r\n',
          '0\r\n\r\n',
          'ffffffffffffff\r\n',
          ': \r\n',
          '\0',
        ),
        { maxLength: 12 },
      )
      .map((lines) => Buffer.from(lines.join(''), 'latin1')),
    // One byte of a good response is changed.
    fc.tuple(sample, fc.nat(), fc.nat({ max: 255 })).map(([{ wire }, place, byte]) => {
      const changed = Buffer.from(wire);
      changed[place % changed.length] = byte;
      return changed;
    }),
  );
  fc.assert(
    fc.property(garbage, cuts, fc.boolean(), (bytes, places, ends) => {
      assert.deepEqual(parse(cut(bytes, places), ends), parse([bytes], ends));
    }),
    { numRuns: 1000 },
  );
});

test('a response that is cut off anywhere is never taken for a complete one', () => {
  const framed = sample.filter(({ headers }) => !isCloseDelimited(headers));
  fc.assert(
    fc.property(framed, fc.nat(), ({ wire }, place) => {
      const { parsed } = parse([wire.subarray(0, place % wire.length)], true);
      assert.deepEqual(parsed, { kind: 'failed', reason: 'reset' });
    }),
    { numRuns: 300 },
  );
});

function isCloseDelimited(headers: Record<string, string>): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
}

test('204 and 304 have no body, whatever their headers promise', () => {
  for (const status of [204, 304]) {
    const { response } = complete(`HTTP/1.1 ${status} x\r\nContent-Length: 5\r\n\r\n`);
    assert.deepEqual([response.status, response.body.length], [status, 0]);
  }
});

test('repeated headers are joined, folded ones continued, and no name can hurt', () => {
  const text =
    'HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nB: one\r\n\ttwo\r\n__proto__: x\r\ncontent-length: 0\r\n\r\n';
  const { headers } = complete(text).response;
  assert.equal(headers['a'], '1, 2');
  assert.equal(headers['b'], 'one two');
  assert.equal(Object.getOwnPropertyDescriptor(headers, '__proto__')?.value, 'x');
});

test('keep-alive follows version, Connection and framing', () => {
  const zero = 'Content-Length: 0\r\n';
  const keeps = (text: string, ends = false): boolean => complete(text, ends).keepAlive;
  assert.equal(keeps(`HTTP/1.1 200 OK\r\n${zero}\r\n`), true);
  assert.equal(keeps(`HTTP/1.1 200 OK\r\n${zero}Connection: x, Close\r\n\r\n`), false);
  assert.equal(keeps(`HTTP/1.0 200 OK\r\n${zero}\r\n`), false);
  assert.equal(keeps('HTTP/1.1 200 OK\r\n\r\nbody', true), false);
  const both =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n';
  assert.equal(keeps(both), false);
});

test('the peer’s own idle time is read from Keep-Alive', () => {
  const idle = (value: string): number | null =>
    complete(`HTTP/1.1 204 x\r\nKeep-Alive: ${value}\r\n\r\n`).peerIdleMs;
  assert.equal(idle('timeout=5, max=100'), 5000);
  assert.equal(idle('max=100, timeout=12'), 12_000);
  assert.equal(idle('nonsense'), null);
});

test('bytes behind a complete response are noticed', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  assert.equal(parse([Buffer.from(text)]).excess, false);
  assert.equal(parse([Buffer.from(`${text}HTTP/1.1 200 OK`)]).excess, true);
});

test('what RFC 9112 does not allow is malformed', () => {
  const heads = [
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 99 Low\r\n\r\n',
    'HTTP/1.1 600 High\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\n\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'HTTP/1.1 200 OK\r\nName : x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\n folded first\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1e2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(300)}\r\na\r\n`,
  ];
  for (const head of heads) {
    assert.deepEqual(parseText(head), { kind: 'failed', reason: 'malformed' }, head);
  }
});

test('what is larger than its limit is given up before it has been read', () => {
  const tooLarge = { kind: 'failed', reason: 'too_large' };
  const ok = 'HTTP/1.1 200 OK\r\n';
  assert.deepEqual(parseText(`${ok}Content-Length: ${BODY_BYTES_MAX + 1}\r\n\r\n`), tooLarge);
  assert.deepEqual(parseText(`${ok}Transfer-Encoding: chunked\r\n\r\n3e9\r\n`), tooLarge);
  assert.deepEqual(parseText(`${ok}\r\n${'x'.repeat(BODY_BYTES_MAX + 1)}`), tooLarge);
  assert.deepEqual(parseText(`${ok}A: ${'x'.repeat(16 * 1024)}`), tooLarge);
  assert.deepEqual(parseText('HTTP/1.1 103 Early\r\n\r\n'.repeat(1000)), tooLarge);
  const trailers = `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(4000)}`;
  assert.deepEqual(parseText(trailers), tooLarge);
});
