import type { Arguments } from '../arguments.ts';
import { displayText } from '../display.ts';
import { currency, dateTime, decimal, duration, flag, integer, list, text } from '../results.ts';
import { defineFunction } from '../signature.ts';
import { durationOf, fixedText, joined, phoneNumberOf, textOfValue } from '../value-text.ts';
import { NOT_SET, type JsonValue, type Value } from '../value.ts';
import { places } from './number.ts';

const WHOLE = /^[+-]?[0-9]+$/;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The text of an argument without blanks around it; `null` for NOT_SET and for nothing but blanks. */
function trimmed(args: Arguments): string | null {
  const value = args.textOr(0, '').trim();
  return value === '' ? null : value;
}

function same(args: Arguments): Value {
  return args.at(0);
}

/** Skips the work for NOT_SET, which stays NOT_SET in every conversion. */
function ifSet(convert: (args: Arguments) => Value): (args: Arguments) => Value {
  return (args) => (args.isSet(0) ? convert(args) : NOT_SET);
}

function numberOfText(args: Arguments, pattern: RegExp, what: string): number | null {
  const written = trimmed(args);
  if (written === null) return null;
  return pattern.test(written) ? Number(written) : args.fail(`the text is no ${what}`);
}

function amountText(args: Arguments, value: Value, digits: number): string | null {
  if (value.type === 'decimal') return fixedText(value.value, digits);
  if (value.type === 'currency') return `${fixedText(value.value, digits)}|${value.currency}`;
  return value.type === 'not_set' ? null : args.fail('a number was expected');
}

function amountsText(args: Arguments, delimiter: string, digits: number): Value {
  const parts = args.list(0).items.map((item) => amountText(args, item, digits) ?? '');
  return text(parts.join(delimiter));
}

/** A SIP address keeps its `sip:`; a number is E.164 where it has its `+`. */
function phoneNumber(args: Arguments): Value {
  return args.isSet(0) ? { type: 'phonenumber', value: phoneNumberOf(args.text(0)) } : NOT_SET;
}

const CURRENCY = /^(-?[0-9]+(?:\.[0-9]*)?)?(?:\|([A-Za-z]{3})?)?$/;

/** `5.00|USD`. An amount that is NOT_SET makes the whole Currency NOT_SET here. */
function currencyOfText(args: Arguments): Value {
  const written = trimmed(args);
  if (written === null) return NOT_SET;
  const [, amount, code = ''] = CURRENCY.exec(written) ?? [];
  if (amount === undefined) return written.startsWith('|') ? NOT_SET : args.fail('no Currency');
  return currency(args, Number(amount), code.toUpperCase());
}

/** Three letters, or nothing where it is NOT_SET. */
function codeOf(args: Arguments, index: number): string {
  const code = args.textOr(index, '');
  return /^(?:[A-Za-z]{3})?$/.test(code) ? code.toUpperCase() : args.fail('no currency code');
}

function makeCurrency(args: Arguments): Value {
  return args.isSet(0) ? currency(args, args.number(0), codeOf(args, 1)) : NOT_SET;
}

function symbolOf(args: Arguments, code: string): Value {
  if (!/^[A-Za-z]{3}$/.test(code)) return args.fail('no currency code');
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: code,
    currencyDisplay: 'narrowSymbol',
  });
  return text(format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? code);
}

/** A member of a JSON object; NOT_SET where it has none or `null` (unchecked). */
function member(args: Arguments): Value {
  const object: JsonValue = args.json(0);
  const name = args.text(1);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return args.fail('the JSON is no object');
  }
  const found = Object.entries(object).find(([key]) => key === name)?.[1];
  return found === undefined || found === null ? NOT_SET : { type: 'json', value: found };
}

const TRUE = new Set(['true', 't', '1']);
const FALSE = new Set(['false', 'f', '0']);

function booleanOfText(args: Arguments): Value {
  const written = args.text(0).toLowerCase();
  if (TRUE.has(written)) return flag(true);
  return FALSE.has(written) ? flag(false) : args.fail('the text is neither true nor false');
}

function dateTimeOfText(args: Arguments): Value {
  const written = trimmed(args);
  if (written === null) return NOT_SET;
  const ms = DATE_TIME.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(ms) ? args.fail('the text is no date and time') : dateTime(args, ms);
}

function durationOfText(args: Arguments): Value {
  const written = trimmed(args);
  if (written === null) return NOT_SET;
  const ms = durationOf(written);
  return ms === null ? args.fail('the text is no duration such as PT1M30S') : duration(args, ms);
}

/** By name, as an expression of a flow has it: the line finds out whether it exists. */
function named(type: 'queue' | 'skill' | 'language' | 'group' | 'schedulegroup' | 'user'): {
  '(name: string?)': (args: Arguments) => Value;
} {
  return {
    '(name: string?)': ifSet((args) => ({ type, name: args.text(0) })),
  };
}

function toNamed(
  name: string,
  type: 'queue' | 'skill' | 'language' | 'group' | 'schedulegroup' | 'user',
  what: string,
): ReturnType<typeof defineFunction> {
  return defineFunction(name, `The ${what} of a name.`, {
    [`(value: ${type}?): ${type}`]: same,
    [`(name: string?): ${type}`]: named(type)['(name: string?)'],
  });
}

export const CONVERT_FUNCTIONS = [
  defineFunction('ToString', 'A value as text for machines, the same in every language.', {
    '(value: any?): string': (args) => text(textOfValue(args.at(0))),
    '(values: any[]): string': (args) => text(joined(args.list(0).items, '\n')),
    '(values: any[], delimiter: string?): string': (args) =>
      text(joined(args.list(0).items, args.textOr(1, '\n'))),
    '(values: decimal[], places: integer): string': (args) =>
      amountsText(args, '\n', places(args, 1)),
    '(values: currency[], places: integer): string': (args) =>
      amountsText(args, '\n', places(args, 1)),
    '(values: decimal[], delimiter: string?, places: integer): string': (args) =>
      amountsText(args, args.textOr(1, '\n'), places(args, 2)),
    '(values: currency[], delimiter: string?, places: integer): string': (args) =>
      amountsText(args, args.textOr(1, '\n'), places(args, 2)),
    '(value: decimal?, places: integer): string': (args) =>
      text(amountText(args, args.at(0), places(args, 1))),
    '(value: currency?, places: integer): string': (args) =>
      text(amountText(args, args.at(0), places(args, 1))),
  }),
  defineFunction('ToDisplayString', "A value as text for people, in the call's language.", {
    '(value: any?): string': (args) => text(displayText(args.at(0), args.scope.language)),
  }),
  defineFunction('ToInt', 'An Integer from a text, a Decimal (cut off), a Boolean or a Duration.', {
    '(value: integer?): integer': same,
    '(value: string?): integer': (args) => {
      const value = numberOfText(args, WHOLE, 'whole number');
      return value === null ? NOT_SET : integer(args, value);
    },
    '(value: decimal?): integer': ifSet((args) => integer(args, Math.trunc(args.number(0)))),
    '(value: boolean?): integer': ifSet((args) => integer(args, Number(args.flag(0)))),
    '(value: duration?): integer': ifSet((args) => integer(args, args.milliseconds(0))),
  }),
  defineFunction('ToDecimal', 'A Decimal from a text, an Integer, a Boolean or a Currency.', {
    '(value: decimal?): decimal': same,
    '(value: string?): decimal': (args) => {
      const value = numberOfText(args, NUMBER, 'number');
      return value === null ? NOT_SET : decimal(args, value);
    },
    '(value: integer?): decimal': ifSet((args) => decimal(args, args.number(0))),
    '(value: boolean?): decimal': ifSet((args) => decimal(args, Number(args.flag(0)))),
    '(value: currency?): decimal': ifSet((args) => decimal(args, args.currency(0).value)),
  }),
  defineFunction('ToBool', 'A Boolean from true, T, 1, false, F or 0, or from a number.', {
    '(value: boolean?): boolean': same,
    '(value: string?): boolean': ifSet(booleanOfText),
    '(value: integer?): boolean': ifSet((args) => flag(args.number(0) !== 0)),
    '(value: decimal?): boolean': ifSet((args) => flag(args.number(0) !== 0)),
  }),
  defineFunction('ToDateTime', 'A DateTime from an ISO 8601 text, or from seconds since 1970.', {
    '(value: datetime?): datetime': same,
    '(value: string?): datetime': dateTimeOfText,
    '(seconds: integer?): datetime': ifSet((args) => dateTime(args, args.number(0) * 1000)),
  }),
  defineFunction('ToDuration', 'A Duration from a text such as PT1M30S, or from milliseconds.', {
    '(value: duration?): duration': same,
    '(value: string?): duration': durationOfText,
    '(milliseconds: integer?): duration': ifSet((args) => duration(args, args.number(0))),
  }),
  defineFunction('ToPhoneNumber', 'A phone number from a text, with or without tel: or sip:.', {
    '(value: phonenumber?): phonenumber': same,
    '(value: string?): phonenumber': phoneNumber,
  }),
  toNamed('ToQueue', 'queue', 'queue'),
  toNamed('ToSkill', 'skill', 'skill'),
  toNamed('ToLanguageSkill', 'language', 'language skill'),
  toNamed('ToGroup', 'group', 'group'),
  toNamed('ToUser', 'user', 'user'),
  toNamed('ToScheduleGroup', 'schedulegroup', 'schedule group'),
  defineFunction('FindQueue', 'The queue of a name.', {
    '(name: string?): queue': named('queue')['(name: string?)'],
  }),
  defineFunction('FindSkill', 'The skill of a name.', {
    '(name: string?): skill': named('skill')['(name: string?)'],
  }),
  defineFunction('MakeCurrency', 'An amount with its currency code.', {
    '(amount: integer?, code: string?): currency': makeCurrency,
    '(amount: decimal?, code: string?): currency': makeCurrency,
  }),
  defineFunction('MakeListCurrency', 'A collection of amounts of one currency.', {
    '(amounts: decimal[], code: string?): currency[]': (args) =>
      list(
        'currency',
        args
          .list(0)
          .items.map((item) =>
            item.type === 'decimal' ? currency(args, item.value, codeOf(args, 1)) : NOT_SET,
          ),
      ),
  }),
  defineFunction('ToCurrency', 'A Currency from a text such as 5.00|USD, or an amount alone.', {
    '(value: currency?): currency': same,
    '(value: string?): currency': currencyOfText,
    '(amount: decimal?): currency': ifSet((args) => currency(args, args.number(0), '')),
    '(amount: integer?): currency': ifSet((args) => currency(args, args.number(0), '')),
  }),
  defineFunction('GetCurrencySymbol', 'The sign of a currency: $ or €.', {
    '(code: string): string': (args) => symbolOf(args, args.text(0)),
    '(value: currency?): string': ifSet((args) => symbolOf(args, args.currency(0).currency)),
  }),
  defineFunction('GetJsonObjectProperty', 'A member of a JSON object, by name.', {
    '(object: json, name: string): json': member,
  }),
];
