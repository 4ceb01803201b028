import type { Arguments } from '../arguments.ts';
import { exact, roundTo } from '../decimal.ts';
import { currency, decimal, duration, integer } from '../results.ts';
import { defineFunction } from '../signature.ts';
import type { Value } from '../value.ts';

/** More places than a Decimal has say nothing. */
const PLACES_MAX = 40;

export function places(args: Arguments, index: number): number {
  const value = args.number(index);
  if (value < 0 || value > PLACES_MAX) return args.fail(`${value} decimal places cannot be`);
  return value;
}

/** The numbers among the arguments, or in the collection that is the only one; NOT_SET is skipped. */
function amounts(args: Arguments): readonly number[] {
  const [first] = args.values;
  const values = first?.type === 'collection' ? first.items : args.values;
  return values.flatMap((value) =>
    value.type === 'integer' || value.type === 'decimal' || value.type === 'duration'
      ? [value.value]
      : [],
  );
}

function sum(args: Arguments): number {
  return amounts(args).reduce((total, amount) => exact(total + amount), 0);
}

/** 0 of nothing, as the help data has it. */
function average(args: Arguments): number {
  const count = amounts(args).length;
  return count === 0 ? 0 : sum(args) / count;
}

function overCurrencies(args: Arguments, of: (total: number, count: number) => number): Value {
  const [first] = args.values;
  const values = first?.type === 'collection' ? first.items : args.values;
  const set = values.filter((value) => value.type === 'currency');
  const code = set[0]?.currency ?? '';
  if (set.some((value) => value.currency !== code)) {
    return args.fail('the Currencies have different codes');
  }
  const total = set.reduce((before, { value }) => exact(before + value), 0);
  return currency(args, of(total, set.length), code);
}

function sumOfCurrencies(args: Arguments): Value {
  return overCurrencies(args, (total) => total);
}

function averageOfCurrencies(args: Arguments): Value {
  return overCurrencies(args, (total, count) => (count === 0 ? 0 : total / count));
}

export const NUMBER_FUNCTIONS = [
  defineFunction('Ceiling', 'The next whole number that is not smaller.', {
    '(value: integer): integer': (args) => args.at(0),
    '(value: decimal): decimal': (args) => decimal(args, Math.ceil(args.number(0))),
    '(value: currency): currency': (args) => {
      const { value, currency: code } = args.currency(0);
      return currency(args, Math.ceil(value), code);
    },
  }),
  defineFunction('Floor', 'The next whole number that is not larger.', {
    '(value: integer): integer': (args) => args.at(0),
    '(value: decimal): decimal': (args) => decimal(args, Math.floor(args.number(0))),
    '(value: currency): currency': (args) => {
      const { value, currency: code } = args.currency(0);
      return currency(args, Math.floor(value), code);
    },
  }),
  defineFunction('Round', 'Rounded to a number of places, half away from zero.', {
    '(value: decimal): decimal': (args) => decimal(args, roundTo(args.number(0), 0)),
    '(value: decimal, places: integer): decimal': (args) =>
      decimal(args, roundTo(args.number(0), places(args, 1))),
    '(value: currency): currency': (args) => {
      const { value, currency: code } = args.currency(0);
      return currency(args, roundTo(value, 0), code);
    },
    '(value: currency, places: integer): currency': (args) => {
      const { value, currency: code } = args.currency(0);
      return currency(args, roundTo(value, places(args, 1)), code);
    },
  }),
  defineFunction('Sum', 'The sum of numbers, Durations or Currencies; NOT_SET counts as nothing.', {
    '(values: integer[]): integer': (args) => integer(args, sum(args)),
    '(values: decimal[]): decimal': (args) => decimal(args, sum(args)),
    '(values: duration[]): duration': (args) => duration(args, sum(args)),
    '(values: currency[]): currency': sumOfCurrencies,
    '(first: integer?, more...: integer?): integer': (args) => integer(args, sum(args)),
    '(first: decimal?, more...: decimal?): decimal': (args) => decimal(args, sum(args)),
    '(first: duration?, more...: duration?): duration': (args) => duration(args, sum(args)),
    '(first: currency?, more...: currency?): currency': sumOfCurrencies,
  }),
  defineFunction(
    'Average',
    'The mean of numbers, Durations or Currencies; NOT_SET is not counted.',
    {
      '(values: integer[]): decimal': (args) => decimal(args, average(args)),
      '(values: decimal[]): decimal': (args) => decimal(args, average(args)),
      '(values: duration[]): duration': (args) => duration(args, average(args)),
      '(values: currency[]): currency': averageOfCurrencies,
      '(first: integer?, more...: integer?): decimal': (args) => decimal(args, average(args)),
      '(first: decimal?, more...: decimal?): decimal': (args) => decimal(args, average(args)),
      '(first: duration?, more...: duration?): duration': (args) => duration(args, average(args)),
      '(first: currency?, more...: currency?): currency': averageOfCurrencies,
    },
  ),
];
