import { plainZero } from './decimal.ts';
import { isTelephone } from './value-text.ts';
import type { Value } from './value.ts';

/**
 * `==` of two values of one type, or of an Integer and a Decimal.
 *
 * NOT_SET equals NOT_SET and nothing else (help data of the SDK 0.0.18, `equ`). Texts are compared
 * with their case: Genesys asks to compare language tags "in a case-insensitive manner"
 * (https://help.mypurecloud.com/articles/architect-default-variables/), which `==` therefore does
 * not do by itself, and `AreEqual` takes `ignoreCase` for it. No page says so in as many words.
 */
export function equals(one: Value, other: Value, ignoreCase = false): boolean {
  if (one.type === 'collection' && other.type === 'collection') {
    return (
      one.items.length === other.items.length &&
      one.items.every((item, index) => {
        const counterpart = other.items[index];
        return counterpart !== undefined && equals(item, counterpart, ignoreCase);
      })
    );
  }
  return keyOf(one, ignoreCase) === keyOf(other, ignoreCase);
}

/** A text that two values share when they are equal. */
function keyOf(value: Value, ignoreCase: boolean): string {
  if (value.type === 'integer' || value.type === 'decimal') {
    return `number ${plainZero(value.value)}`;
  }
  if (value.type === 'string') {
    return `string ${ignoreCase ? value.value.toLowerCase() : value.value}`;
  }
  // With and without its plus sign a number is the same (examples of the help data).
  if (value.type === 'phonenumber' && isTelephone(value.value)) {
    return `tel ${value.value.replace('+', '')}`;
  }
  return JSON.stringify(value);
}

const ORDER = new Intl.Collator('en');

/**
 * Texts in the order of a dictionary, small letters before capitals, as `Compare` in the help data
 * has it; that `<` on texts does the same is unchecked.
 */
export function compareTexts(one: string, other: string, ignoreCase = false): number {
  if (ignoreCase) return Math.sign(ORDER.compare(one.toLowerCase(), other.toLowerCase()));
  return Math.sign(ORDER.compare(one, other));
}
