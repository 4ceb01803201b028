import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { readBreaker } from '../store/breaker.ts';
import { readSwitch, writeSwitch } from '../store/switch.ts';
import { answerText, plainCommon } from './answer.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { ledgerEntry } from './entry.ts';

/** The operator's switch and the breaker beside it. */
export async function showSwitch(bridge: Bridge): Promise<AnswerText> {
  const [current, breaker] = await Promise.all([
    readSwitch(bridge.store),
    readBreaker(bridge.store, bridge.gateway.name),
  ]);
  return answerText({
    ...plainCommon(bridge.prompts['en-us'], 'available', 'continue'),
    state: current.state,
    reason: current.reason,
    breaker: breaker.state,
    since: new Date(current.changedAtMs).toISOString(),
  });
}

/** Switches automated payments on or off; the very next call hears it. */
export async function setSwitch(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.SwitchRequest>>,
): Promise<AnswerText> {
  const { automated_payments: state, reason } = ask.request;
  const entry = ledgerEntry(bridge, ask.actor, {
    action: `switch.${state}`,
    result: 'success',
    resource: 'automated_payments',
    detail: { reason },
  });
  const changedBy = ask.actor.clientId;
  const next = { state, reason, changedAtMs: bridge.clock.now(), changedBy };
  await writeSwitch(bridge.store, next, entry);
  bridge.log.alarm(`switch.${state}`, { clientId: ask.actor.clientId });
  return showSwitch(bridge);
}
