import { setTimeout as wait } from 'node:timers/promises';
import { luhnValid } from '../../src/card/luhn.ts';
import { until } from '../../test/whole/system.ts';
import type { Answer } from '../../test/whole/http.ts';
import type { Mode } from '../process/fault-proxy.ts';
import type { Canary } from './canary.ts';
import { all, asked, done, either, REPLACED, said, type Seen, type Sign } from './struck.ts';
import { Visitor, type World } from './visitor.ts';

/** Something that happens to a card: a fault class. */
export interface Way {
  readonly name: string;
  /** What has to be seen each time, or the fault did not strike. */
  readonly sign: Sign;
  /** Sends one canary or more. @returns what was seen, once for each time that the fault was laid. */
  readonly play: (world: World) => Promise<readonly Seen[]>;
}

function isCardRequest(line: string): boolean {
  return line.startsWith('POST /v1/tokens ');
}

function childOfTokenizer({ place }: World): number | undefined {
  return place.units.tokenizer.pids()[1];
}

async function watched(world: World, act: () => Promise<Answer | null>): Promise<Seen> {
  const { cardLine } = world.place;
  const before = cardLine.turns.length;
  const child = childOfTokenizer(world);
  const answer = await act();
  const turns = cardLine.turns.slice(before).filter(({ line }) => isCardRequest(line));
  return { answer, turns, replaced: childOfTokenizer(world) !== child };
}

function grouped(digits: string, between: string): string {
  return (digits.match(/.{1,4}/g) ?? []).join(between);
}

function card(
  name: string,
  sign: Sign,
  act: (visitor: Visitor, canary: Canary, world: World) => Promise<Answer | null>,
  change?: (pan: string) => string,
): Way {
  return {
    name,
    sign,
    play: async (world) => {
      const canary = world.canaries.make(name, 'card', null, change);
      return [await watched(world, () => act(new Visitor(world.place), canary, world))];
    },
  };
}

const DECLINED = said('200 declined card_declined');
const IN_DOUBT = said('200 in_doubt in_doubt');

function onCardLine(name: string, sign: Sign, modeOf: (canary: Canary) => Mode): Way {
  return card(name, sign, async (visitor, canary, { place }) => {
    place.cardLine.script({ mode: modeOf(canary), when: isCardRequest });
    const answer = await visitor.tokenise(canary);
    place.cardLine.heal();
    return answer;
  });
}

/** The proxy does one thing to the card request, and nobody knows what became of it. */
function cutOff(name: string, mode: Mode): Way {
  return onCardLine(name, all(done(mode.kind), IN_DOUBT), () => mode);
}

function scripted(name: string, sign: Sign, ...behaves: readonly string[]): Way {
  return card(name, sign, async (visitor, canary) => {
    await visitor.script('tokenize', ...behaves);
    return visitor.tokenise(canary);
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
    onCardLine(`gateway echoes it ${name}, approved`, all(done('answer'), IN_DOUBT), ({ digits }) =>
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
    onCardLine(`gateway echoes it ${name}, declined`, all(done('answer'), DECLINED), ({ digits }) =>
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
  card('ordinary', all(said('200 approved'), done('normal')), (visitor, canary) =>
    visitor.enrol(canary),
  ),
  card(
    'gateway refuses connections',
    all(said('200 failed gateway_unavailable'), asked(0)),
    async (visitor, canary, { place }) => {
      const refusing = place.cardLine.refuse();
      place.cardLine.resetAll();
      await refusing;
      const answer = await visitor.tokenise(canary);
      await place.cardLine.accept();
      return answer;
    },
  ),
  cutOff('reset before', { kind: 'reset_before' }),
  cutOff('reset after', { kind: 'reset_after' }),
  cutOff('black hole', { kind: 'black_hole' }),
  cutOff('cut answer', { kind: 'cut' }),
  scripted('malformed answer', all(IN_DOUBT, asked(1)), 'malformed'),
  scripted('answer of another shape', all(IN_DOUBT, asked(1)), 'wrong-shape'),
  scripted('answer of 8 MiB', all(IN_DOUBT, asked(1)), 'oversized'),
  scripted('503', all(IN_DOUBT, asked(2)), 'status:503', 'status:503', 'status:503'),
  scripted('503 after it took effect', asked(2), 'status:503-after-commit'),
  // Where the time that it names is too long for what is left of the budget, nobody asks again.
  scripted('429', either(asked(2), said('200 failed gateway_unavailable')), 'retry-after:1'),
  scripted('401', asked(2), 'status:401'),
  scripted('decline', DECLINED, 'decline:Card_Declined'),
  ...echo('raw', (digits) => digits),
  ...echo('in groups', (digits) => grouped(digits, ' ')),
];

const INPUT: readonly Way[] = [
  card(
    'wrong check digit',
    said('200 declined invalid_card_number'),
    (visitor, canary) => visitor.tokenise(canary),
    (pan) => {
      const other = (digits: string): string =>
        digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10);
      const wrong = other(pan);
      return luhnValid(Buffer.from(wrong)) ? other(wrong) : wrong;
    },
  ),
  card('expired', said('200 declined expired_card'), (visitor, canary) =>
    visitor.tokenise(canary, { expiry_year: '2020' }),
  ),
  card('card number as a JSON number', said('400 bad_request'), (visitor, canary) =>
    visitor.tokenise(canary, { card_number: Number(canary.digits) }),
  ),
  card(
    'in the field of the security code',
    said('200 declined invalid_cvv'),
    (visitor, canary, { canaries }) => {
      const other = canaries.make('beside', 'card');
      return visitor.tokenise(other, { cvv: canary.digits });
    },
  ),
  card('broken JSON', said('400 bad_request'), (visitor, canary) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      body: JSON.stringify(visitor.body(canary)).slice(0, -3),
    }),
  ),
  card('another content type', said('415 unsupported_media_type'), (visitor, canary) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify(visitor.body(canary)),
    }),
  ),
  card('a body that is too long', said('413 body_too_large'), (visitor, canary) =>
    visitor.tokenise(canary, { customer_id: 'c'.repeat(9_000) }),
  ),
  card('no access token', said('401 invalid_token'), (visitor, canary) =>
    visitor.raw('tokenizer', {
      method: 'POST',
      path: '/v1/tokens',
      headers: { authorization: 'Bearer nobody' },
      body: JSON.stringify(visitor.body(canary)),
    }),
  ),
  card(
    'broken off in the middle',
    all(said('that never came'), asked(0)),
    async (visitor, canary) => {
      await visitor.breakOff(canary);
      return null;
    },
  ),
];

const OUTAGES: readonly Way[] = [
  card(
    'tokenizer killed while the card is under way',
    all(said('that never came'), done('black_hole'), REPLACED),
    async (visitor, canary, { place }) => {
      place.cardLine.script({ mode: { kind: 'black_hole' }, when: isCardRequest });
      const answered = visitor.tokenise(canary);
      await until('the card on its way', () => (place.cardLine.left() === 0 ? true : null));
      place.units.tokenizer.kill9('child');
      const answer = await answered;
      place.cardLine.heal();
      await place.ready();
      return answer;
    },
  ),
  card('database away', said('503 store_unavailable'), async (visitor, canary, { place }) => {
    place.taps.database.away();
    const answer = await visitor.tokenise(canary);
    await place.taps.database.back();
    await place.ready();
    return answer;
  }),
];

/** A card where none belongs: whoever sends it there has put it there, and nobody may keep it. */
function stray(
  to: 'bridge' | 'tokenizer',
  name: string,
  sign: Sign,
  act: (visitor: Visitor, written: string, world: World) => Promise<Answer | null>,
): Way {
  const way = `${to}: ${name}`;
  return {
    name: way,
    sign,
    play: async (world) => {
      const seen: Seen[] = [];
      for (const between of ['', ' ', '-', '.']) {
        const canary = world.canaries.make(way, 'stray', to);
        const written = grouped(canary.digits, between);
        seen.push(await watched(world, () => act(new Visitor(world.place), written, world)));
      }
      return seen;
    },
  };
}

const MISPLACED = said('400 card_number_in_wrong_place');

const ASTRAY: readonly Way[] = [
  stray('tokenizer', 'customer_id', MISPLACED, (visitor, written, { canaries }) =>
    visitor.tokenise(canaries.make('beside', 'card'), { customer_id: written }),
  ),
  stray('tokenizer', 'interaction_id', MISPLACED, (visitor, written, { canaries }) =>
    visitor.tokenise(canaries.make('beside', 'card'), {
      metadata: { interaction_id: written, call_id: written, source: written },
    }),
  ),
  stray(
    'tokenizer',
    'a field that there is not',
    said('400 bad_request'),
    (visitor, written, { canaries }) =>
      visitor.tokenise(canaries.make('beside', 'card'), { note: written }),
  ),
  stray('tokenizer', 'path and query', said('404 unknown_route'), (visitor, written) =>
    visitor.raw('tokenizer', {
      path: `/v1/tokens/${encodeURI(written)}?pan=${encodeURI(written)}`,
    }),
  ),
  stray(
    'tokenizer',
    'headers',
    either(MISPLACED, said('400 bad_request')),
    (visitor, written, { canaries }) =>
      visitor.raw('tokenizer', {
        method: 'POST',
        path: '/v1/tokens',
        headers: { 'idempotency-key': written, 'user-agent': written, cookie: `card=${written}` },
        body: JSON.stringify(visitor.body(canaries.make('beside', 'card'))),
      }),
  ),
  stray('bridge', 'customer_id', MISPLACED, (visitor, written) =>
    visitor.ask('bridge', '/v1/disclosures', {
      interaction_id: visitor.interactionId,
      customer_id: written,
      plan_id: 'recurring_monthly_premium',
      language: 'en-us',
    }),
  ),
  stray('bridge', 'interaction_id', MISPLACED, (visitor, written) =>
    visitor.ask('bridge', '/v1/availability', { interaction_id: written }),
  ),
  stray('bridge', 'ani', MISPLACED, (visitor, written) =>
    visitor.ask('bridge', '/v1/availability', {
      interaction_id: visitor.interactionId,
      ani: written,
    }),
  ),
  stray('bridge', 'reason', MISPLACED, (visitor, written) => {
    const body = { automated_payments: 'on', reason: `the caller said ${written}` };
    return visitor.ask('bridge', '/v1/switch', body, 'operator', 'PUT');
  }),
  stray('bridge', 'path and query', said('404 unknown_resource'), (visitor, written) =>
    visitor.raw('bridge', {
      path: `/v1/operations/${encodeURI(written)}?pan=${encodeURI(written)}`,
    }),
  ),
  stray('bridge', 'headers', MISPLACED, (visitor, written) =>
    visitor.raw('bridge', {
      method: 'POST',
      path: '/v1/availability',
      headers: { 'idempotency-key': written, 'user-agent': written, 'x-request-id': written },
      body: JSON.stringify({ interaction_id: visitor.interactionId }),
    }),
  ),
  stray('bridge', 'broken JSON', said('400 bad_request'), (visitor, written) =>
    visitor.raw('bridge', {
      method: 'POST',
      path: '/v1/availability',
      body: `{"interaction_id":"${written}"`,
    }),
  ),
  stray(
    'bridge',
    'credentials',
    // Played often, wrong secrets meet their limit; they have been sent and read all the same.
    either(said('401 invalid_client'), said('429 too_many_requests')),
    (visitor, written) =>
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
