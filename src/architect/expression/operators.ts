import type { Arguments } from './arguments.ts';
import type { BinaryOperator, UnaryOperator } from './ast.ts';
import { compareTexts, equals } from './equality.ts';
import { audioOf, currency, dateTime, decimal, duration, flag, integer, text } from './results.ts';
import { overloadOf, type Overload, type Runs } from './signature.ts';
import type { Value } from './value.ts';

function overloads(runs: Runs): readonly Overload[] {
  return Object.entries(runs).map(([signature, run]) => overloadOf(signature, run));
}

/** Both Currencies have the same code (help data, `add`); otherwise it is an error event. */
function withCode(args: Arguments, amount: (one: number, other: number) => number): Value {
  const one = args.currency(0);
  const other = args.currency(1);
  if (one.currency !== other.currency) return args.fail('the Currencies have different codes');
  return currency(args, amount(one.value, other.value), one.currency);
}

function timesCurrency(args: Arguments, at: 0 | 1): Value {
  const { value, currency: code } = args.currency(at);
  return currency(args, value * args.number(at === 0 ? 1 : 0), code);
}

function divisor(args: Arguments): number {
  const value = args.number(1);
  return value === 0 ? args.fail('division by zero') : value;
}

function overDivisor(args: Arguments, of: (value: number, by: number) => number): Value {
  const { value, currency: code } = args.currency(0);
  return currency(args, of(value, divisor(args)), code);
}

function divide(value: number, by: number): number {
  return value / by;
}

function remainder(value: number, by: number): number {
  return value % by;
}

function bits(args: Arguments, of: (one: bigint, other: bigint) => bigint): Value {
  return integer(args, Number(of(BigInt(args.number(0)), BigInt(args.number(1)))));
}

function ordering(holds: (sign: number) => boolean): readonly Overload[] {
  const numbers = (args: Arguments): Value =>
    flag(holds(Math.sign(args.number(0) - args.number(1))));
  const times = (args: Arguments): Value =>
    flag(holds(Math.sign(args.milliseconds(0) - args.milliseconds(1))));
  return overloads({
    '(one: integer, other: integer): boolean': numbers,
    '(one: decimal, other: decimal): boolean': numbers,
    '(one: string, other: string): boolean': (args) =>
      flag(holds(compareTexts(args.text(0), args.text(1)))),
    '(one: datetime, other: datetime): boolean': times,
    '(one: duration, other: duration): boolean': times,
    '(one: currency, other: currency): boolean': (args) => {
      const one = args.currency(0);
      const other = args.currency(1);
      if (one.currency !== other.currency) return args.fail('the Currencies have different codes');
      return flag(holds(Math.sign(one.value - other.value)));
    },
  });
}

function equality(wanted: boolean): readonly Overload[] {
  const run = (args: Arguments): Value => flag(equals(args.at(0), args.at(1)) === wanted);
  return overloads({
    '(one: T?, other: T?): boolean': run,
    '(one: decimal?, other: decimal?): boolean': run,
    '(one: T[]?, other: T[]?): boolean': run,
    '(one: integer[], other: decimal[]): boolean': run,
    '(one: decimal[], other: integer[]): boolean': run,
  });
}

function joinSounds(args: Arguments): Value {
  const one = args.audio(0);
  const other = args.audio(1);
  return audioOf({
    sounds: [...one.sounds, ...other.sounds],
    bargeIn: one.bargeIn && other.bargeIn,
  });
}

const ADD = overloads({
  '(one: integer, other: integer): integer': (args) =>
    integer(args, args.number(0) + args.number(1)),
  '(one: decimal, other: decimal): decimal': (args) =>
    decimal(args, args.number(0) + args.number(1)),
  '(one: string, other: string): string': (args) => text(args.text(0) + args.text(1)),
  '(one: currency, other: currency): currency': (args) =>
    withCode(args, (one, other) => one + other),
  '(one: duration, other: duration): duration': (args) =>
    duration(args, args.milliseconds(0) + args.milliseconds(1)),
  '(one: datetime, other: duration): datetime': (args) =>
    dateTime(args, args.milliseconds(0) + args.milliseconds(1)),
  '(one: duration, other: datetime): datetime': (args) =>
    dateTime(args, args.milliseconds(0) + args.milliseconds(1)),
  '(one: sound, other: sound): audio': joinSounds,
});

const SUBTRACT = overloads({
  '(one: integer, other: integer): integer': (args) =>
    integer(args, args.number(0) - args.number(1)),
  '(one: decimal, other: decimal): decimal': (args) =>
    decimal(args, args.number(0) - args.number(1)),
  '(one: currency, other: currency): currency': (args) =>
    withCode(args, (one, other) => one - other),
  '(one: duration, other: duration): duration': (args) =>
    duration(args, args.milliseconds(0) - args.milliseconds(1)),
  '(one: datetime, other: duration): datetime': (args) =>
    dateTime(args, args.milliseconds(0) - args.milliseconds(1)),
});

const MULTIPLY = overloads({
  '(one: integer, other: integer): integer': (args) =>
    integer(args, args.number(0) * args.number(1)),
  '(one: decimal, other: decimal): decimal': (args) =>
    decimal(args, args.number(0) * args.number(1)),
  '(one: currency, other: decimal): currency': (args) => timesCurrency(args, 0),
  '(one: decimal, other: currency): currency': (args) => timesCurrency(args, 1),
});

/** Integers divided give a Decimal: 42 / 8 is 5.25. */
const DIVIDE = overloads({
  '(one: decimal, other: decimal): decimal': (args) =>
    decimal(args, divide(args.number(0), divisor(args))),
  '(one: currency, other: decimal): currency': (args) => overDivisor(args, divide),
});

const REMAINDER = overloads({
  '(one: integer, other: integer): integer': (args) =>
    integer(args, remainder(args.number(0), divisor(args))),
  '(one: decimal, other: decimal): decimal': (args) =>
    decimal(args, remainder(args.number(0), divisor(args))),
  '(one: currency, other: decimal): currency': (args) => overDivisor(args, remainder),
});

export type AppliedOperator = Exclude<BinaryOperator, 'and' | 'or'>;

/** `and` and `or` are not here: they leave their right side alone when the left one decides. */
export const BINARY_OVERLOADS: Readonly<Record<AppliedOperator, readonly Overload[]>> = {
  '+': ADD,
  '-': SUBTRACT,
  '*': MULTIPLY,
  '/': DIVIDE,
  '%': REMAINDER,
  '^': overloads({
    '(base: decimal, exponent: decimal): decimal': (args) =>
      decimal(args, args.number(0) ** args.number(1)),
  }),
  '==': equality(true),
  '!=': equality(false),
  '<': ordering((sign) => sign < 0),
  '<=': ordering((sign) => sign <= 0),
  '>': ordering((sign) => sign > 0),
  '>=': ordering((sign) => sign >= 0),
  '&': overloads({
    '(one: integer, other: integer): integer': (args) => bits(args, (one, other) => one & other),
  }),
  '|': overloads({
    '(one: integer, other: integer): integer': (args) => bits(args, (one, other) => one | other),
  }),
};

export const UNARY_OVERLOADS: Readonly<Record<UnaryOperator, readonly Overload[]>> = {
  '-': overloads({
    '(value: integer): integer': (args) => integer(args, -args.number(0)),
    '(value: decimal): decimal': (args) => decimal(args, -args.number(0)),
    '(value: duration): duration': (args) => duration(args, -args.milliseconds(0)),
    '(value: currency): currency': (args) => {
      const { value, currency: code } = args.currency(0);
      return currency(args, -value, code);
    },
  }),
  not: overloads({ '(value: boolean): boolean': (args) => flag(!args.flag(0)) }),
  '~': overloads({
    '(value: integer): integer': (args) => integer(args, -args.number(0) - 1),
  }),
};

/** For the generated page: the sign as it is written, and what it does. */
export const OPERATORS: readonly { readonly sign: string; readonly sentence: string }[] = [
  { sign: '!', sentence: 'Not. There is no word for it.' },
  { sign: '-', sentence: 'The difference; before one value its opposite.' },
  { sign: '~', sentence: 'The bits of an Integer turned around.' },
  { sign: '^', sentence: 'To the power of; groups to the right.' },
  { sign: '*', sentence: 'The product of numbers, or of a Currency and a number.' },
  { sign: '/', sentence: 'The quotient, always a Decimal; division by zero is an error event.' },
  { sign: '%', sentence: 'The remainder of a division.' },
  { sign: '+', sentence: 'The sum; joins texts, and audio and prompts.' },
  { sign: '< <= > >=', sentence: 'Numbers, texts, times and Currencies of one code in order.' },
  { sign: '== !=', sentence: 'Equal or not; NOT_SET equals NOT_SET alone, and case counts.' },
  { sign: '& |', sentence: 'And, or of the bits of Integers.' },
  { sign: 'and', sentence: 'True when both are; the right side is left alone after a false.' },
  { sign: 'or', sentence: 'True when one is; the right side is left alone after a true.' },
  { sign: '? :', sentence: 'One of two values, as If; a condition that is NOT_SET is false.' },
];
