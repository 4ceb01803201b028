import { setTimeout as wait } from 'node:timers/promises';
import { luhnValid } from '../../src/card/luhn.ts';
import { until } from '../../test/whole/system.ts';
import type { Mode } from '../process/fault-proxy.ts';
import type { Canary } from './canary.ts';
import { Visitor, type World } from './visitor.ts';

/** Something that happens to a card. `play` sends one canary or more. */
export interface Way {
  readonly name: string;
  readonly play: (world: World) => Promise<void>;
}

function grouped(digits: string, between: string): string {
  return (digits.match(/.{1,4}/g) ?? []).join(between);
}

function card(
  name: string,
  act: (visitor: Visitor, canary: Canary, world: World) => Promise<unknown>,
  change?: (pan: string) => string,
): Way {
  return {
    name,
    play: async (world) => {
      const canary = world.canaries.make(name, 'card', null, change);
      await act(new Visitor(world.place), canary, world);
    },
  };
}

function isCardRequest(line: string): boolean {
  return line.startsWith('POST /v1/tokens ');
}

function onCardLine(name: string, modeOf: (canary: Canary) => Mode): Way {
  return card(name, async (visitor, canary, { place }) => {
    place.cardLine.script({ mode: modeOf(canary), when: isCardRequest });
    await visitor.tokenise(canary);
    place.cardLine.heal();
  });
}

function scripted(name: string, ...behaves: readonly string[]): Way {
  return card(name, async (visitor, canary) => {
    await visitor.script('tokenize', ...behaves);
    await visitor.tokenise(canary);
  });
}

function answer(status: number, body: string): Mode {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 ${status} Said\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return { kind: 'answer', deliver: false, bytes: Buffer.concat([Buffer.from(head), bytes]) };
}

/** A gateway that says the card number back, in the places whose text is kept. */
function echo(name: string, written: (digits: string) => string): Way[] {
  return [
    onCardLine(`gateway echoes it ${name}, approved`, ({ digits }) =>
      answer(
        201,
        JSON.stringify({
          token_id: `tok-${written(digits)}`,
          status: 'active',
          card_brand: 'visa',
          card_last4: digits.slice(-4),
          gateway_transaction_id: `gtx-${written(digits)}`,
          network_transaction_id: written(digits),
        }),
      ),
    ),
    onCardLine(`gateway echoes it ${name}, declined`, ({ digits }) =>
      answer(
        402,
        JSON.stringify({
          error_code: `Declined ${written(digits)}`,
          message: written(digits),
          gateway_transaction_id: written(digits),
        }),
      ),
    ),
  ];
}

const GATEWAY: readonly Way[] = [
  card('ordinary', (visitor, canary) => visitor.enrol(canary)),
  card('gateway refuses connections', async (visitor, canary, { place }) => {
    const refusing = place.cardLine.refuse();
    place.cardLine.resetAll();
    await refusing;
    await visitor.tokenise(canary);
    await place.cardLine.accept();
  }),
  onCardLine('reset before', () => ({ kind: 'reset_before' })),
  onCardLine('reset after', () => ({ kind: 'reset_after' })),
  onCardLine('black hole', () => ({ kind: 'black_hole' })),
  onCardLine('cut answer', () => ({ kind: 'cut' })),
  scripted('malformed answer', 'malformed'),
  scripted('answer of another shape', 'wrong-shape'),
  scripted('answer of 8 MiB', 'oversized'),
  scripted('503', 'status:503', 'status:503', 'status:503'),
  scripted('503 after it took effect', 'status:503-after-commit'),
  scripted('429', 'retry-after:1'),
  scripted('401', 'status:401'),
  scripted('decline', 'decline:Card_Declined'),
  ...echo('raw', (digits) => digits),
  ...echo('in groups', (digits) => grouped(digits, ' ')),
];

const INPUT: readonly Way[] = [
  card(
    'wrong check digit',
    (visitor, canary) => visitor.tokenise(canary),
    (pan) => {
      const other = (digits: string): string =>
        digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10);
      const wrong = other(pan);
      return luhnValid(Buffer.from(wrong)) ? other(wrong) : wrong;
    },
  ),
  card('expired', (visitor, canary) => visitor.tokenise(canary, { expiry_year: '2020' })),
  card('card number as a JSON number', (visitor, canary) =>
    visitor.tokenise(canary, { card_number: Number(canary.digits) }),
  ),
  card('in the field of the security code', (visitor, canary, { canaries }) => {
    const other = canaries.make('beside', 'card');
    return visitor.tokenise(other, { cvv: canary.digits });
  }),
  card('broken JSON', (visitor, canary) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      body: JSON.stringify(visitor.body(canary)).slice(0, -3),
    }),
  ),
  card('another content type', (visitor, canary) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify(visitor.body(canary)),
    }),
  ),
  card('a body that is too long', (visitor, canary) =>
    visitor.tokenise(canary, { customer_id: 'c'.repeat(9_000) }),
  ),
  card('no access token', (visitor, canary) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      headers: { authorization: 'Bearer nobody' },
      body: JSON.stringify(visitor.body(canary)),
    }),
  ),
  card('broken off in the middle', (visitor, canary) => visitor.breakOff(canary)),
];

const OUTAGES: readonly Way[] = [
  card('tokenizer killed while the card is under way', async (visitor, canary, { place }) => {
    place.cardLine.script({ mode: { kind: 'black_hole' }, when: isCardRequest });
    const asked = visitor.tokenise(canary);
    await until('the card on its way', () => (place.cardLine.left() === 0 ? true : null));
    place.units.tokenizer.kill9('child');
    await asked;
    place.cardLine.heal();
    await place.ready();
  }),
  card('database away', async (visitor, canary, { place }) => {
    place.taps.database.away();
    await visitor.tokenise(canary);
    await place.taps.database.back();
    await place.ready();
  }),
];

/** A card where none belongs: whoever sends it there has put it there, and nobody may keep it. */
function stray(
  to: 'bridge' | 'tokenizer',
  name: string,
  act: (visitor: Visitor, written: string, world: World) => Promise<unknown>,
): Way {
  const way = `${to}: ${name}`;
  return {
    name: way,
    play: async (world) => {
      for (const between of ['', ' ', '-', '.']) {
        const canary = world.canaries.make(way, 'stray', to);
        await act(new Visitor(world.place), grouped(canary.digits, between), world);
      }
    },
  };
}

const ASTRAY: readonly Way[] = [
  stray('tokenizer', 'customer_id', (visitor, written, { canaries }) =>
    visitor.tokenise(canaries.make('beside', 'card'), { customer_id: written }),
  ),
  stray('tokenizer', 'interaction_id', (visitor, written, { canaries }) =>
    visitor.tokenise(canaries.make('beside', 'card'), {
      metadata: { interaction_id: written, call_id: written, source: written },
    }),
  ),
  stray('tokenizer', 'a field that there is not', (visitor, written, { canaries }) =>
    visitor.tokenise(canaries.make('beside', 'card'), { note: written }),
  ),
  stray('tokenizer', 'path and query', (visitor, written) =>
    visitor.raw('tokenizer', {
      path: `/v1/tokens/${encodeURI(written)}?pan=${encodeURI(written)}`,
    }),
  ),
  stray('tokenizer', 'headers', (visitor, written, { canaries }) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      headers: { 'idempotency-key': written, 'user-agent': written, cookie: `card=${written}` },
      body: JSON.stringify(visitor.body(canaries.make('beside', 'card'))),
    }),
  ),
  stray('bridge', 'customer_id', (visitor, written) =>
    visitor.ask('bridge', '/v1/disclosures', {
      interaction_id: visitor.interactionId,
      customer_id: written,
      plan_id: 'recurring_monthly_premium',
      language: 'en-us',
    }),
  ),
  stray('bridge', 'interaction_id', (visitor, written) =>
    visitor.ask('bridge', '/v1/availability', { interaction_id: written }),
  ),
  stray('bridge', 'ani', (visitor, written) =>
    visitor.ask('bridge', '/v1/availability', {
      interaction_id: visitor.interactionId,
      ani: written,
    }),
  ),
  stray('bridge', 'reason', async (visitor, written) => {
    const body = { automated_payments: 'on', reason: `the caller said ${written}` };
    await visitor.ask('bridge', '/v1/switch', body, 'operator', 'PUT');
  }),
  stray('bridge', 'path and query', (visitor, written) =>
    visitor.raw('bridge', {
      path: `/v1/operations/${encodeURI(written)}?pan=${encodeURI(written)}`,
    }),
  ),
  stray('bridge', 'headers', (visitor, written) =>
    visitor.raw('bridge', {
      method: 'POST',
      path: '/v1/availability',
      headers: { 'idempotency-key': written, 'user-agent': written, 'x-request-id': written },
      body: JSON.stringify({ interaction_id: visitor.interactionId }),
    }),
  ),
  stray('bridge', 'broken JSON', (visitor, written) =>
    visitor.raw('bridge', {
      method: 'POST',
      path: '/v1/availability',
      body: `{"interaction_id":"${written}"`,
    }),
  ),
  stray('bridge', 'credentials', (visitor, written) =>
    visitor.raw('bridge', {
      method: 'POST',
      path: '/oauth/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${written}:${written}`).toString('base64')}`,
      },
      body: `grant_type=client_credentials&client_id=${written}`,
    }),
  ),
];

/** Every way, in an order in which each finds a system that is well. */
export const WAYS: readonly Way[] = [...GATEWAY, ...INPUT, ...ASTRAY, ...OUTAGES];

/** Until everything that was begun is over. */
export async function settled({ place }: World, quietMs: number): Promise<void> {
  await until('an end of everything that is open', async () => {
    const answer = await place.answers.ask('metrics', place.ports.bridge, { path: '/metrics' });
    const open = /^tokenline_operations_to_settle(?:\{[^}]*\})? (\S+)$/m.exec(answer?.text ?? '');
    return open?.[1] === '0' ? true : null;
  });
  await wait(quietMs);
}
