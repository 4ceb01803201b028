import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Models } from 'purecloud-platform-client-v2';
import { placeIn } from '../../src/bridge/seat/genesys-conversations.ts';
import {
  AGENTS,
  callerOf,
  Conversations,
  type SecureSession,
} from '../../src/sandbox/conversations.ts';
import { shown } from '../../src/sandbox/genesys.ts';
import { ManualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';

const [ANA, BEN] = AGENTS;

/** The names that the bridge reads and the sandbox writes are Genesys' own: the compiler compares them. */
const READ = [
  'id',
  'purpose',
  'userId',
  'endTime',
  'startAcwTime',
  'endAcwTime',
  'monitoredParticipantId',
  'coachedParticipantId',
] as const satisfies readonly (keyof Models.Participant)[];
const asGenesys = (conversation: Models.Conversation): Models.Conversation => conversation;
const asSession = (session: SecureSession): Models.SecureSession => session;

function centre(): Conversations {
  return new Conversations(new ManualClock(), seededRandomness(1));
}

test('the sandbox’s conversation is one of Genesys’, and Ana’s place in it is read from that', () => {
  const conversations = centre();
  const arrived = asGenesys(shown(conversations.arrive('call-1', {})));
  const place = placeIn({ ...arrived }, ANA.id);
  assert.deepEqual(
    [place?.participantId, place?.callerParticipantId, place?.mayBeginEntry],
    [arrived.participants[1]?.id, arrived.participants[0]?.id, true],
  );
  assert.equal(placeIn({ ...arrived }, BEN.id), null);
  assert.equal(READ.length, 8);
});

test('who has left has no place, unless they still write up the call', () => {
  const conversations = centre();
  conversations.arrive('call-1', {});
  conversations.end('call-1');
  const over = conversations.find('call-1');
  assert.ok(over);
  const ended = asGenesys(shown(over));
  assert.equal(placeIn({ ...ended }, ANA.id), null);
  const agent = { ...ended.participants[1], startAcwTime: '2026-11-23T12:00:00.000Z' };
  const writing = { ...ended, participants: [ended.participants[0], agent] };
  assert.deepEqual(placeIn(writing, ANA.id)?.mayBeginEntry, false);
  const done = { ...agent, endAcwTime: '2026-11-23T12:01:00.000Z' };
  assert.equal(placeIn({ ...ended, participants: [ended.participants[0], done] }, ANA.id), null);
});

test('a supervisor who listens in sees the call and sends nobody to the keypad', () => {
  const arrived = asGenesys(shown(centre().arrive('call-1', {})));
  const supervisor: Models.Participant = {
    id: 'third',
    purpose: 'agent',
    userId: BEN.id,
    monitoredParticipantId: arrived.participants[1]?.id ?? '',
  };
  const watched = { ...arrived, participants: [...arrived.participants, supervisor] };
  assert.deepEqual(placeIn(watched, BEN.id)?.mayBeginEntry, false);
});

test('the line hears of a secure session, and of the end', async () => {
  const conversations = centre();
  const call = conversations.arrive('call-1', { payment_purpose: 'subscribe' });
  const over = new AbortController().signal;
  const next = conversations.next(call, over);
  const order = { userData: '', sourceParticipantId: 'agent', disconnect: false };
  asSession(conversations.secure(call, order, 'the-flow'));
  assert.deepEqual(await next, {
    kind: 'secure',
    flowId: 'the-flow',
    attributes: { payment_purpose: 'subscribe' },
  });
  conversations.back(call, { payment_outcome: 'enrolled' });
  assert.equal(callerOf(call)?.attributes['payment_outcome'], 'enrolled');
  conversations.secure(call, order, 'again');
  const untold = await conversations.next(call, over);
  assert.equal(untold?.kind, 'secure', 'also what came while nobody asked');
  const last = conversations.next(call, over);
  conversations.end('call-1');
  assert.deepEqual(await last, { kind: 'over' });
});
