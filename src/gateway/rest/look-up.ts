import type { Exchange } from '../../system/http-client.ts';
import type { LookUpOrder, LookUpReply } from '../gateway.ts';
import { parsed } from '../json.ts';
import type { RestReader } from './answers.ts';
import type { LookUp, RestMapping } from './mapping.ts';
import { valueAt, wordAt } from './place.ts';

const UNANSWERED: LookUpReply = { kind: 'unanswered' };
const ABSENT: LookUpReply = { kind: 'absent' };

/** Where an operation of a kind is looked for; `null` where this gateway cannot be asked. */
export function lookUpFor(mapping: RestMapping, kind: LookUpOrder['kind']): LookUp | null {
  const { look_up: ways } = mapping;
  return kind === 'tokenise' || kind === 'subscribe' || kind === 'charge'
    ? ways[kind]
    : ways.change;
}

/**
 * Reads what a look-up brought: the answer that the lost one was, or the object that it made. Only
 * the gateway's own word, or its own empty list, says that there is none.
 */
export function readLookUp(
  mapping: RestMapping,
  reader: RestReader,
  lookUp: LookUp,
  order: LookUpOrder,
  exchange: Exchange,
): LookUpReply {
  if (exchange.kind !== 'answered') return UNANSWERED;
  const { status, body } = exchange.response;
  const whole = parsed(body);
  if (status === 404) {
    const word = wordAt(whole, mapping.answers.error);
    return word !== null && lookUp.absent.includes(word) ? ABSENT : UNANSWERED;
  }
  if (status !== 200) return UNANSWERED;
  let found = whole;
  if (lookUp.list_at !== null) {
    const list = valueAt(whole, lookUp.list_at);
    if (!Array.isArray(list)) return UNANSWERED;
    if (list.length === 0) return ABSENT;
    // One operation is one object. More of them were not sought by its name, and which is ours?
    if (list.length > 1) return UNANSWERED;
    found = list[0];
  }
  const lostStatus = lookUp.status_at === null ? 200 : Number(valueAt(found, lookUp.status_at));
  const answer = lookUp.answer_at === null ? found : valueAt(found, lookUp.answer_at);
  if (!Number.isInteger(lostStatus) || typeof answer !== 'object' || answer === null) {
    return UNANSWERED;
  }
  return replyOf(reader, order, {
    kind: 'answered',
    response: { status: lostStatus, headers: {}, body: Buffer.from(JSON.stringify(answer)) },
    latencyMs: exchange.latencyMs,
  });
}

function replyOf(reader: RestReader, order: LookUpOrder, answered: Exchange): LookUpReply {
  if (order.kind === 'tokenise') return { kind: 'token', reply: reader.token(answered) };
  if (order.kind === 'charge') return { kind: 'charge', reply: reader.charge(answered) };
  const asked = { status: null, reference: null };
  return { kind: 'subscription', reply: reader.subscription(answered, asked) };
}
