import { Agent, request } from 'node:http';
import { randomBytes, randomInt } from 'node:crypto';
import { lettersOf } from '../src/payment/fingerprint.ts';

/**
 * The load: tokenise requests, each with a call, a customer and a card of its own.
 *
 * `closed`: N callers, each sending its next request when the last one is answered (throughput).
 * `open`: a request every 1/N s whatever the answers do (latency, without coordinated omission).
 *
 * Arguments: closed|open N SECONDS URL [TOKEN]. Prints one line of JSON.
 */
const [mode, countText, secondsText, url, token] = process.argv.slice(2);
if (!mode || !countText || !secondsText || !url)
  throw new Error('closed|open N SECONDS URL [TOKEN]');
const count = Number(countText);
const seconds = Number(secondsText);
const agent = new Agent({ keepAlive: true, maxSockets: mode === 'closed' ? count : 256 });
const latenciesMs: number[] = [];
const problems = new Map<string, number>();

/** A number in the range that sandboxes use, with a right check digit. */
function pan(): string {
  const digits = `40000000${String(randomInt(10_000_000)).padStart(7, '0')}`;
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const value = Number(digits[14 - i]) * (i % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function body(): string {
  const id = lettersOf(randomBytes(9));
  return JSON.stringify({
    card_number: pan(),
    cvv: '123',
    expiry_month: '12',
    expiry_year: '2031',
    customer_id: `cus-${id}`,
    amount: 29.99,
    currency: 'USD',
    recurring_flag: true,
    metadata: { call_id: `call-${id}`, interaction_id: `int-${id}`, source: 'ivr_payment_flow' },
  });
}

function note(word: string): void {
  problems.set(word, (problems.get(word) ?? 0) + 1);
}

function send(): Promise<void> {
  const text = body();
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const outgoing = request(
      new URL(String(url)),
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
        response.on('end', () => {
          latenciesMs.push(performance.now() - startedMs);
          if (!answer.includes('"outcome":"approved"'))
            note(`${response.statusCode} ${answer.slice(0, 120)}`);
          resolve();
        });
      },
    );
    outgoing.on('error', (error) => {
      note(error.message);
      resolve();
    });
    outgoing.end(text);
  });
}

const startedMs = performance.now();
const endsMs = startedMs + seconds * 1000;

async function closed(): Promise<void> {
  const caller = async (): Promise<void> => {
    while (performance.now() < endsMs) await send();
  };
  await Promise.all(Array.from({ length: count }, caller));
}

async function open(): Promise<void> {
  const sent: Promise<void>[] = [];
  for (let i = 0; i < count * seconds; i++) {
    const waitMs = startedMs + (i * 1000) / count - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    sent.push(send());
  }
  await Promise.all(sent);
}

await (mode === 'open' ? open() : closed());
const elapsedS = (performance.now() - startedMs) / 1000;
latenciesMs.sort((a, b) => a - b);
const at = (share: number): number =>
  latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(share * latenciesMs.length))] ?? 0;
console.log(
  JSON.stringify({
    answered: latenciesMs.length,
    perSecond: latenciesMs.length / elapsedS,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: latenciesMs.at(-1) ?? 0,
    problems: Object.fromEntries(problems),
  }),
);
agent.destroy();
