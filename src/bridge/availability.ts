import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { languageOf } from '../payment/language.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { seeCall } from '../store/calls.ts';
import { breakerAdmits } from './admit.ts';
import { answerText, errorCommon, FIRST_TELLING, plainCommon } from './answer.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { linkMeans } from './link.ts';
import { suspectedCards, tellSuspicion } from './card-testing.ts';

const NUMBER = /^(?:tel:|sips?:)?(\+?)([0-9]{3,15})(?:@.*)?$/;

/**
 * A number as it is compared and stored: with its plus, without scheme and host. `null` for what is
 * no number, such as an anonymous SIP address: strangers must not share one caller's limits.
 */
export function plainNumber(number: string | undefined): string | null {
  const digits = NUMBER.exec(number ?? '')?.[2];
  return digits === undefined ? null : `+${digits}`;
}

/**
 * Whether a payment can be taken now. Asked before the caller spends any time: an open breaker, the
 * operator's switch or a used-up limit is told here, and not after 16 digits.
 */
export async function availability(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.AvailabilityRequest>>,
): Promise<AnswerText> {
  const { request, actor } = ask;
  const { limits } = bridge;
  const seen = await seeCall(
    bridge.store,
    {
      interactionId: request.interaction_id,
      clientId: actor.clientId,
      ani: plainNumber(request.ani),
      dnis: plainNumber(request.dnis),
      language: request.language === undefined ? null : languageOf(request.language),
      customerId: null,
    },
    bridge.gateway.name,
    bridge.clock.now(),
    limits.cardTesting.allWindow,
  );
  const table = bridge.prompts[seen.call.language];
  const usedUp =
    seen.cardTries >= limits.cardTriesPerCall ||
    seen.aniHour >= limits.cardTriesPerAniHour ||
    seen.aniDay >= limits.cardTriesPerAniDay;
  let reason: ErrorCode | null = null;
  if (seen.automatedPayments === 'off') reason = 'switched_off';
  else if (usedUp) reason = 'too_many_attempts';
  else if (suspectedCards({ ofAll: seen.declines }, limits.cardTesting) !== null) {
    tellSuspicion(bridge, 'all', request.interaction_id);
    reason = 'too_many_attempts';
  } else if (!(await breakerAdmits(bridge, seen.breaker, request.interaction_id))) {
    reason = 'breaker_open';
  }
  const pay_link = linkMeans(bridge)?.policy.use ?? 'off';
  if (reason === null) {
    const common = plainCommon(table, 'available', 'continue');
    return answerText({ ...common, reason: 'available', pay_link });
  }
  const { outcome, route, prompt, prompt_text } = errorCommon(
    table,
    'failed',
    reason,
    FIRST_TELLING,
  );
  return answerText({ outcome, route, prompt, prompt_text, reason, pay_link });
}
