import { DATE_FORMATS } from './speech/date-words.ts';
import { isSip, isTelephone, phoneUri } from './value-text.ts';
import { NOT_SET, type ScalarType, type Value } from './value.ts';

interface Member {
  readonly type: ScalarType;
  /** Of a value of the type that the member belongs to. */
  readonly read: (value: Value) => Value;
}

type Members = Readonly<Record<string, Member>>;

function nameOf(value: Value): Value {
  return 'name' in value ? { type: 'string', value: value.name } : NOT_SET;
}

/** Something of the organisation. The line knows it by name alone, which stands for its id. */
const NAMED: Members = {
  name: { type: 'string', read: nameOf },
  id: { type: 'string', read: nameOf },
};

function phone(type: 'string' | 'boolean', read: (number: string) => string | boolean): Member {
  return {
    type,
    read: (value) => {
      if (value.type !== 'phonenumber') return NOT_SET;
      const found = read(value.value);
      if (typeof found === 'boolean') return { type: 'boolean', value: found };
      return found === '' ? NOT_SET : { type: 'string', value: found };
    },
  };
}

/** Properties by type, named in the help data of the SDK 0.0.18 and in public flows. */
const MEMBERS: Readonly<Partial<Record<ScalarType, Members>>> = {
  currency: {
    amount: {
      type: 'decimal',
      read: (value) =>
        value.type === 'currency' ? { type: 'decimal', value: value.value } : NOT_SET,
    },
    code: {
      type: 'string',
      read: (value) =>
        value.type === 'currency' && value.currency !== ''
          ? { type: 'string', value: value.currency }
          : NOT_SET,
    },
  },
  phonenumber: {
    e164: phone('string', (number) => (/^\+[0-9]+$/.test(number) ? number : '')),
    uri: phone('string', phoneUri),
    raw: phone('string', (number) => number),
    // Seen in a public flow. How long a country's code is is known here for +1 alone.
    subscribernumber: phone('string', (number) => /^\+1([0-9]{10})$/.exec(number)?.[1] ?? ''),
    istel: phone('boolean', isTelephone),
    issip: phone('boolean', isSip),
  },
  queue: NAMED,
  skill: NAMED,
  language: NAMED,
  user: NAMED,
  group: NAMED,
  schedulegroup: NAMED,
  prompt: { name: NAMED['name'] ?? { type: 'string', read: nameOf } },
};

/** The member of a type, by its name in any case. */
export function memberOf(type: ScalarType, name: string): Member | undefined {
  return Object.entries(MEMBERS[type] ?? {}).find(([key]) => key === name.toLowerCase())?.[1];
}

export function memberNames(type: ScalarType): readonly string[] {
  return Object.keys(MEMBERS[type] ?? {});
}

/** Constants that are written like variables: `Format.Number.playDigits`. */
const CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  'Format.String': ['playChars'],
  'Format.Bool': ['playYesNo', 'playTrueFalse'],
  'Format.Number': ['playDigits'],
  'Format.Currency': ['majorUnitsOnly', 'minorUnitsOnly', 'asMinorUnits', 'playDigits'],
  'Format.Date': DATE_FORMATS,
  'Format.Time': ['twelveHours', 'twentyFourHours'],
};

/** The group and the exact name of a constant; `null` where there is none. */
export function constantOf(
  scope: string,
  group: string,
  name: string,
): { readonly group: string; readonly name: string } | null {
  const wanted = `${scope}.${group}`.toLowerCase();
  for (const [found, names] of Object.entries(CONSTANTS)) {
    if (found.toLowerCase() !== wanted) continue;
    const exact = names.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    return exact === undefined ? null : { group: found, name: exact };
  }
  return null;
}

/** True for `Format` and `Language`, whose members are no variables. */
export function isConstantScope(scope: string): boolean {
  return /^(format|language)$/i.test(scope);
}

/** True for prompts of the organisation (`Prompt.x`) and of Genesys (`PromptSystem.x`). */
export function isPromptScope(scope: string): boolean {
  return /^prompt(system)?$/i.test(scope);
}
