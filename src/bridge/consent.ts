import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import {
  CONSENT_KEY,
  discloseWithCharge,
  textHash,
  type Consent,
  type Disclosure,
} from '../payment/consent.ts';
import { languageOf } from '../payment/language.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import type { PromptTable } from '../payment/prompt.ts';
import { amountText } from '../payment/money.ts';
import { chargeDate, dateIn, type Plan } from '../payment/plan.ts';
import { findDisclosure, saveConsent, saveDisclosure } from '../store/consents.ts';
import { insertLocal, type NewOperation, type Operation } from '../store/operations.ts';
import { newId } from '../system/randomness.ts';
import { answerText, errorCommon, FIRST_TELLING, plainCommon } from './answer.ts';
import type { Actor, AnswerText, Bridge, Keyed } from './bridge.ts';
import { assertSameRequest } from './claim.ts';
import { ledgerEntry, type Told } from './entry.ts';
import { operationKey } from './key.ts';
import { changeTerms, type ChangeTerms } from './quote.ts';

/** What a local operation needs beyond its answer. */
export interface LocalDraft {
  readonly kind: 'disclosure' | 'consent' | 'handoff';
  readonly key: string | null;
  readonly bodyHash: string;
  /** What tells it from another request of its kind, where that is more than its body. */
  readonly content?: string;
  readonly interactionId: string;
  readonly customerId: string | null;
  readonly planId: string | null;
  readonly language: NewOperation['language'];
}

/** A new operation that no gateway is asked about: the same content is the same request. */
export function localOperation(bridge: Bridge, actor: Actor, draft: LocalDraft): NewOperation {
  const { content, ...facts } = draft;
  const { kind, interactionId, bodyHash } = facts;
  return {
    ...facts,
    id: newId('op', bridge.randomness),
    clientId: actor.clientId,
    key: operationKey({
      header: draft.key,
      interactionId,
      step: kind,
      attempt: null,
      content: content ?? bodyHash,
    }),
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    subscriptionId: null,
    consentId: null,
    tokenId: null,
    attempt: 1,
    gateway: bridge.gateway.name,
    order: {},
    startedAtMs: bridge.clock.now(),
  };
}

function answerOf(stored: Operation, operation: NewOperation): AnswerText {
  if (stored.id !== operation.id) assertSameRequest(stored, operation);
  return stored.answer ?? '';
}

/** What an enrolment or a change charges at once, and when charges begin. */
async function termsOf(
  bridge: Bridge,
  request: Body<typeof schemas.DisclosureRequest>,
  plan: Plan,
): Promise<ChangeTerms> {
  const { customer_id: customerId, subscription_id: changed } = request;
  const today = dateIn(bridge.merchant.timeZone, bridge.clock.now());
  if (changed !== undefined)
    return changeTerms(bridge, { customerId, subscriptionId: changed }, plan, today);
  // An enrolment's first charge is the price itself, which the disclosure says anyway.
  return {
    kind: 'told',
    dueNow: { amountMinor: 0, currency: plan.price.currency },
    firstChargeDate: chargeDate(today, { count: plan.trialDays, unit: 'day' }, 1),
  };
}

function undisclosed(table: PromptTable, errorCode: ErrorCode): AnswerText {
  return answerText({
    ...errorCommon(table, 'failed', errorCode, FIRST_TELLING),
    disclosure_id: '',
    disclosure_text: '',
    amount_text: '',
  });
}

/** Renders what must be said before consent and keeps it, word for word, with its hash. */
export async function disclose(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.DisclosureRequest>>,
): Promise<AnswerText> {
  const { request, actor } = ask;
  const { clock, merchant } = bridge;
  const language = languageOf(request.language);
  const table = bridge.prompts[language];
  const operation = localOperation(bridge, actor, {
    kind: 'disclosure',
    key: ask.key,
    bodyHash: ask.bodyHash,
    interactionId: request.interaction_id,
    customerId: request.customer_id,
    planId: request.plan_id,
    language,
  });
  const plan = bridge.plans.find((candidate) => candidate.id === request.plan_id);
  const told = (result: Told['result'], resource: string, detail: Told['detail']): Told => ({
    action: 'disclosure.rendered',
    result,
    resource,
    operationId: operation.id,
    interactionId: request.interaction_id,
    detail: detail ?? {},
  });
  const terms = plan
    ? await termsOf(bridge, request, plan)
    : ({ kind: 'refused', errorCode: 'not_found' } as const);
  if (!plan || terms.kind === 'refused') {
    const errorCode = terms.kind === 'refused' ? terms.errorCode : 'not_found';
    const answer = undisclosed(table, errorCode);
    const entry = ledgerEntry(bridge, actor, told('failure', request.plan_id, {}));
    const end = { state: 'failed', answer, errorCode } as const;
    return answerOf(await insertLocal(bridge.store, operation, end, entry, []), operation);
  }
  const { firstChargeDate, dueNow } = terms;
  const text = discloseWithCharge(table, plan, merchant, firstChargeDate, dueNow);
  const disclosure: Disclosure = {
    id: newId('dis', bridge.randomness),
    interactionId: request.interaction_id,
    customerId: request.customer_id,
    planId: plan.id,
    price: plan.price,
    language,
    version: table.version,
    text,
    textHash: textHash(text),
    firstChargeDate,
  };
  const answer = answerText({
    ...plainCommon(table, 'disclosure_follows', 'continue'),
    error_code: '',
    disclosure_id: disclosure.id,
    disclosure_text: text,
    amount_text: amountText(plan.price, language),
  });
  const detail = {
    plan_id: plan.id,
    version: table.version,
    text_fingerprint: disclosure.textHash,
  };
  const entry = ledgerEntry(bridge, actor, told('success', disclosure.id, detail));
  const saved = saveDisclosure(disclosure, plan.interval, clock.now());
  const end = { state: 'approved', answer, errorCode: null } as const;
  return answerOf(await insertLocal(bridge.store, operation, end, entry, [saved]), operation);
}

/** Keeps the caller's answer to a disclosure. Only `1` is a yes; a no is kept as well. */
export async function consent(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.ConsentRequest>>,
): Promise<AnswerText> {
  const { request, actor } = ask;
  const disclosure = await findDisclosure(bridge.store, request.disclosure_id);
  const heard = disclosure?.interactionId === request.interaction_id ? disclosure : null;
  const language = heard?.language ?? languageOf(null);
  const table = bridge.prompts[language];
  const operation = localOperation(bridge, actor, {
    kind: 'consent',
    key: ask.key,
    bodyHash: ask.bodyHash,
    interactionId: request.interaction_id,
    customerId: heard?.customerId ?? null,
    planId: heard?.planId ?? null,
    language,
  });
  const yes = heard !== null && request.key_pressed === CONSENT_KEY;
  const given: Consent | null = heard && {
    id: newId('con', bridge.randomness),
    disclosureId: heard.id,
    interactionId: heard.interactionId,
    customerId: heard.customerId,
    planId: heard.planId,
    price: heard.price,
    keyPressed: request.key_pressed,
  };
  const answer = heard
    ? answerText({
        ...plainCommon(
          table,
          yes ? 'consent_given' : 'consent_refused',
          yes ? 'continue' : 'end',
          {},
          yes ? 'approved' : 'declined',
        ),
        error_code: '',
        consent_id: yes ? (given?.id ?? '') : '',
      })
    : answerText({ ...errorCommon(table, 'failed', 'not_found', FIRST_TELLING), consent_id: '' });
  const entry = ledgerEntry(bridge, actor, {
    action: yes ? 'consent.given' : 'consent.refused',
    result: yes ? 'success' : 'failure',
    resource: given?.id ?? request.disclosure_id,
    operationId: operation.id,
    interactionId: request.interaction_id,
    detail: {
      disclosure_id: request.disclosure_id,
      key: request.key_pressed,
      ...(heard ? { text_fingerprint: heard.textHash, language: heard.language } : {}),
    },
  });
  const end = heard
    ? ({ state: yes ? 'approved' : 'declined', answer, errorCode: null } as const)
    : ({ state: 'failed', answer, errorCode: 'not_found' } as const);
  const saved = given && yes ? [saveConsent(given, bridge.clock.now())] : [];
  return answerOf(await insertLocal(bridge.store, operation, end, entry, saved), operation);
}
