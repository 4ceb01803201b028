import { fingerprint } from './fingerprint.ts';
import type { Language } from './language.ts';
import { amountText, type Money } from './money.ts';
import { dateText, type Interval, type IsoDate, type Plan } from './plan.ts';
import { fill, spokenWord, type PromptTable } from './prompt.ts';

/** What must be said before consent, as it was rendered for one caller. Kept with the consent. */
export interface Disclosure {
  readonly id: string;
  readonly interactionId: string;
  readonly customerId: string;
  readonly planId: string;
  readonly price: Money;
  readonly language: Language;
  /** Version of the sentences it was rendered from. */
  readonly version: string;
  readonly text: string;
  /** SHA-256 of `text`, 64 letters. */
  readonly textHash: string;
  readonly firstChargeDate: IsoDate;
}

/** The caller's answer to a disclosure. */
export interface Consent {
  readonly id: string;
  readonly disclosureId: string;
  readonly interactionId: string;
  readonly customerId: string;
  readonly planId: string;
  readonly price: Money;
  readonly keyPressed: string;
}

/** The only key that consents; silence or anything else is no (design §6.10). */
export const CONSENT_KEY = '1';

export interface Merchant {
  /** As it is spoken. */
  readonly name: string;
  /** Where a caller cancels or asks; spoken digit by digit by the flow's voice. */
  readonly supportPhone: string;
  /** IANA name; decides which day it is. */
  readonly timeZone: string;
}

/** How often a plan charges, in words: "every month", "every 3 months". */
export function intervalText(table: PromptTable, { count, unit }: Interval): string {
  const key = count === 1 ? unit : `${unit}s`;
  const sentence = table.intervals[key];
  if (sentence === undefined) throw new Error(`intervals.${key} has no words`);
  return fill(sentence, { count: String(count) });
}

/**
 * The disclosure: merchant, what, amount and currency, frequency, first charge, that it lasts until
 * cancelled, how to cancel, how notice comes, and which key agrees (stored-credential rules of the
 * card schemes; FTC TSR 16 CFR 310; NACHA TEL).
 */
export function discloseText(
  table: PromptTable,
  plan: Plan,
  merchant: Merchant,
  firstChargeDate: IsoDate,
): string {
  return fill(table.disclosure, {
    merchant: merchant.name,
    plan: plan.name[table.language],
    amount: amountText(plan.price, table.language),
    currency: spokenWord(table, plan.price.currency),
    interval: intervalText(table, plan.interval),
    first_date: dateText(firstChargeDate, table.language),
    support_phone: merchant.supportPhone,
  });
}

/** The same, and before it what is charged at once, where something is. */
export function discloseWithCharge(
  table: PromptTable,
  plan: Plan,
  merchant: Merchant,
  firstChargeDate: IsoDate,
  dueNow: Money,
): string {
  const text = discloseText(table, plan, merchant, firstChargeDate);
  if (dueNow.amountMinor === 0) return text;
  return `${fill(table.dueNow, { due_now: amountText(dueNow, table.language) })} ${text}`;
}

export function textHash(text: string): string {
  return fingerprint(text);
}
