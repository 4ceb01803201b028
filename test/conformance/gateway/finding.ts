import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { cvvIn, digitsIn } from '../digits.ts';
import type { LineFault } from './faulty-line.ts';
import { CVV, freshKey, outcomeText, PAN, type Rig, testCard, valueOf } from './rig.ts';

/** How the truth is found after an answer was lost: by look-ups, and by the gateway's events. */
export const FINDING = {
  async 'a look-up finds a token whose answer was lost'(rig: Rig) {
    const key = freshKey();
    rig.line.next({ kind: 'reset', after: true });
    assert.equal(outcomeText(await rig.tokenise(key)), 'in_doubt');
    const found = await rig.lookUp('tokenise', key);
    assert.equal(found.kind, 'token');
    assert.equal(found.kind === 'token' && outcomeText(found.reply), 'approved');
    assert.equal((await rig.bench.effects()).tokens, 1);
  },

  async 'a look-up finds a subscription whose answer was lost'(rig: Rig) {
    if (!rig.sides.adapter.capabilities.subscriptions) return;
    const token = await rig.token();
    const key = freshKey();
    rig.line.next({ kind: 'reset', after: true });
    assert.equal(outcomeText(await rig.subscribe(token, key)), 'in_doubt');
    const found = await rig.lookUp('subscribe', key);
    assert.equal(found.kind === 'subscription' && outcomeText(found.reply), 'approved');
    assert.equal((await rig.bench.effects()).subscriptions, 1);
  },

  async 'a look-up finds a charge whose answer was lost, also one that was declined'(rig: Rig) {
    if (rig.sides.adapter.capabilities.subscriptions) return;
    const token = await rig.token();
    const key = freshKey();
    rig.line.next({ kind: 'reset', after: true });
    assert.equal(outcomeText(await rig.charge(token, key)), 'in_doubt');
    assert.equal(await chargeFound(rig, key, token), 'approved');
    assert.equal((await rig.bench.effects()).charges, 1);
    const decline = rig.bench.declines[0];
    assert.ok(decline);
    await rig.bench.decline('charge', decline.code);
    const other = freshKey();
    rig.line.next({ kind: 'reset', after: true });
    assert.equal(outcomeText(await rig.charge(token, other)), 'in_doubt');
    assert.equal(await chargeFound(rig, other, token), `declined ${decline.errorCode}`);
    assert.equal((await rig.bench.effects()).charges, 1);
  },

  async 'a look-up finds a decline whose answer was lost, and what was wrong'(rig: Rig) {
    const decline = rig.bench.declines[0];
    assert.ok(decline);
    await rig.bench.decline('tokenise', decline.code);
    const key = freshKey();
    rig.line.next({ kind: 'reset', after: true });
    assert.equal(outcomeText(await rig.tokenise(key)), 'in_doubt');
    const found = await rig.lookUp('tokenise', key);
    assert.equal(found.kind, 'token');
    assert.equal(
      found.kind === 'token' && outcomeText(found.reply),
      `declined ${decline.errorCode}`,
    );
  },

  async 'a verification whose answer was lost is found before the token that it is about'(
    rig: Rig,
  ) {
    const decline = rig.bench.declines[0];
    if (!rig.sides.adapter.capabilities.verification || !decline) return;
    const key = freshKey();
    const tokenised = await rig.tokenise(key);
    assert.equal(tokenised.outcome.kind, 'approved');
    if (tokenised.outcome.kind !== 'approved') return;
    await rig.bench.decline('verify', decline.code);
    rig.line.next({ kind: 'reset', after: true });
    await rig.verify(tokenised.outcome.value.tokenReference, key);
    const found = await rig.lookUp('tokenise', key);
    assert.equal(
      found.kind === 'token' && outcomeText(found.reply),
      `declined ${decline.errorCode}`,
    );
  },

  async 'a look-up of what never came is absent'(rig: Rig) {
    const { subscriptions: offered } = rig.sides.adapter.capabilities;
    const kinds = offered ? (['subscribe', 'cancel'] as const) : (['charge'] as const);
    for (const kind of ['tokenise', ...kinds] as const) {
      const found = await rig.lookUp(kind, freshKey());
      assert.ok(found.kind === 'absent' || (kind === 'charge' && found.kind === 'unable'), kind);
    }
    const key = freshKey();
    rig.line.next({ kind: 'reset', after: false });
    assert.equal(outcomeText(await rig.tokenise(key)), 'in_doubt');
    assert.deepEqual(await rig.lookUp('tokenise', key), { kind: 'absent' });
  },

  async 'a look-up that nobody can read proves nothing'(rig: Rig) {
    const key = freshKey();
    const { tokenReference } = valueOf(await rig.tokenise(key));
    if (rig.sides.adapter.capabilities.verification) {
      rig.line.next({ kind: 'reset', after: true });
      assert.equal(outcomeText(await rig.verify(tokenReference, key)), 'in_doubt');
    }
    const faults: LineFault[] = [
      { kind: 'reset', after: false },
      { kind: 'cut' },
      { kind: 'oversized' },
      ...[401, 403, 409, 429, 500, 503].map(
        (code) => ({ kind: 'status', status: code, text: '{}', after: false }) as const,
      ),
      { kind: 'status', status: 404, text: '<html>404</html>', after: false },
      { kind: 'status', status: 404, text: '{"message":"no Route matched"}', after: false },
      { kind: 'status', status: 200, text: '{', after: false },
      { kind: 'status', status: 200, text: '[]', after: false },
    ];
    for (const fault of faults) {
      rig.line.next(fault);
      assert.deepEqual(await rig.lookUp('tokenise', key), { kind: 'unanswered' }, inspect(fault));
    }
    const controller = new AbortController();
    rig.line.next({ kind: 'hang', after: false });
    const hangs = rig.line.hangs();
    const looking = rig.lookUp('tokenise', key, controller.signal);
    await hangs;
    controller.abort();
    assert.deepEqual(await looking, { kind: 'unanswered' });
  },

  async 'an event with the gateway’s signature is read'(rig: Rig) {
    const nowMs = Date.now();
    const facts = { idempotencyKey: 'op_abc', subscriptionReference: 'sub_abc' };
    const { headers, rawBody } = rig.bench.event(facts, nowMs);
    const reading = await rig.sides.adapter.webhook(headers, rawBody, nowMs);
    assert.equal(reading.kind, 'events');
    const [event] = reading.kind === 'events' ? reading.events : [];
    assert.ok(event && event.id !== '');
    assert.ok(
      event.idempotencyKey === 'op_abc' || event.subscriptionReference === 'sub_abc',
      'an event that points at nothing cannot be looked up',
    );
  },

  async 'an event that was tampered with, is unsigned or is old is refused'(rig: Rig) {
    const nowMs = Date.now();
    const facts = { idempotencyKey: 'op_abc', subscriptionReference: 'sub_abc' };
    const { headers, rawBody } = rig.bench.event(facts, nowMs);
    const kindOf = async (given: Record<string, string>, body: Buffer, atMs = nowMs) =>
      (await rig.sides.adapter.webhook(given, body, atMs)).kind;
    const other = Buffer.from(rawBody.toString().replace('sub_abc', 'sub_abd'));
    assert.equal(await kindOf({ ...headers }, other), 'refused');
    assert.equal(
      await kindOf({ ...headers }, Buffer.concat([rawBody, Buffer.from(' ')])),
      'refused',
    );
    assert.equal(await kindOf({}, rawBody), 'refused');
    assert.equal(await kindOf({ ...headers }, rawBody, nowMs + 299_000), 'events');
    assert.equal(await kindOf({ ...headers }, rawBody, nowMs + 302_000), 'refused');
    for (const name of Object.keys(headers)) {
      const spoilt = { ...headers, [name]: `${headers[name]}x` };
      if (/sig/i.test(name)) assert.equal(await kindOf(spoilt, rawBody), 'refused', name);
    }
  },
};

/** What a charge came to; a gateway that cannot be asked for it says so to the same request again. */
async function chargeFound(rig: Rig, key: string, token: string): Promise<string> {
  const found = await rig.lookUp('charge', key, undefined, token);
  if (found.kind === 'unable') return outcomeText(await rig.charge(token, key));
  return found.kind === 'charge' ? outcomeText(found.reply) : found.kind;
}

/** Runs last: everything that the run has sent, answered and printed is searched. */
export function noDigitLeft(rig: Rig, printed: string): void {
  const { path } = rig.sides.tokenizer.request(testCard(), rig.tokeniseOrder('op_path'));
  const sent = rig.line.seen.filter((seen) => seen.body.includes(PAN));
  assert.ok(sent.length > 0, 'no card was sent: the search would prove nothing');
  for (const seen of rig.line.seen) {
    const head = `${seen.method} ${seen.path}\n${seen.head}`;
    assert.deepEqual(digitsIn(head, PAN), [], `head of ${seen.method} ${seen.path}`);
    assert.equal(cvvIn(head, CVV), false, `CVV in the head of ${seen.path}`);
    const body = seen.body.toString('latin1');
    if (seen.path === path && seen.method === 'POST') {
      assert.equal(body.split(PAN).length, 2, 'the PAN stands once in the one body it belongs to');
      assert.deepEqual(digitsIn(body.replace(PAN, ''), PAN), []);
    } else {
      assert.deepEqual(digitsIn(body, PAN), [], `body of ${seen.path}`);
      assert.equal(cvvIn(body, CVV), false, `CVV in the body of ${seen.path}`);
    }
  }
  const everything = { depth: Infinity, showHidden: true, maxArrayLength: null };
  for (const kept of [...rig.replies, rig.sides.tokenizer, rig.sides.adapter, rig.sides.http]) {
    assert.deepEqual(digitsIn(inspect(kept, { ...everything, maxStringLength: null }), PAN), []);
  }
  assert.deepEqual(digitsIn(printed, PAN), [], 'something was printed');
}
