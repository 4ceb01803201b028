import { fingerprint } from '../payment/fingerprint.ts';
import { hasDigitRun } from '../system/digit-run.ts';

/** The shortest run of digits that could be a card number; some providers' `sub` has more. */
const DIGIT_RUN_MIN = 12;
const PERSON = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;
const NAME_LENGTH_MAX = 64;

/**
 * A person's id as the ledger takes it: a provider's long number, or anything odd, becomes letters.
 *
 * @param unique what is theirs alone, where `given` will not do.
 */
export function ledgerName(given: string, unique: string): string {
  if (PERSON.test(given) && !hasDigitRun(given, DIGIT_RUN_MIN)) return given;
  return fingerprint(unique).slice(0, 24);
}

/** A person's name as a page shows it. */
export function shownName(name: string, id: string): string {
  return hasDigitRun(name, DIGIT_RUN_MIN) ? id : name.slice(0, NAME_LENGTH_MAX);
}
