import { Compile } from 'typebox/compile';
import { ERROR_CODE_LIST } from '../../payment/outcome.ts';
import { HEARD_AS } from '../../payment/route.ts';
import { isMeaning } from '../reading.ts';
import { CARD_FACTS, FACTS_OF_LOOK_UP, FACTS_OF_STEP, SECRET_FACTS, type Fact } from './facts.ts';
import { GUIDE_MAPPING } from './guide.ts';
import { RestMapping, TOKEN_STEPS, type Field, type Step, type StepName } from './mapping.ts';
import { namesIn } from './request.ts';

/** What is wrong with a mapping: one key and one sentence for its author. */
export interface MappingProblem {
  readonly key: string;
  readonly sentence: string;
}

export type MappingReading =
  | { readonly kind: 'mapping'; readonly mapping: RestMapping }
  | { readonly kind: 'wrong'; readonly problems: readonly MappingProblem[] };

type Say = (key: string, sentence: string) => void;

const validator = Compile(RestMapping);

/**
 * Reads a mapping file: what it says, on top of the guide's own mapping. Objects are joined key by
 * key; lists, and `null`, replace.
 */
export function readMapping(written: unknown): MappingReading {
  const mapping = overlaid(GUIDE_MAPPING, written);
  if (!validator.Check(mapping)) return { kind: 'wrong', problems: shapeProblems(mapping) };
  const problems: MappingProblem[] = [];
  const say: Say = (key, sentence) => problems.push({ key, sentence });
  for (const [name, step] of stepsOf(mapping)) stepProblems(mapping, name, step, say);
  lookUpProblems(mapping, say);
  headerProblems(mapping, say);
  errorProblems(mapping, say);
  chargeProblems(mapping, say);
  return problems.length === 0 ? { kind: 'mapping', mapping } : { kind: 'wrong', problems };
}

/** The mapping as the card process gets it: complete, and checked by its parent. */
export function isMapping(value: unknown): value is RestMapping {
  return validator.Check(value);
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function overlaid(under: unknown, over: unknown): unknown {
  if (!isTree(under) || !isTree(over)) return over;
  const out: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) out[name] = overlaid(out[name], value);
  return out;
}

/** `/tokenise/fields/0/to` as `tokenise.fields[0].to`. */
function keyOf(pointer: string, extra = ''): string {
  const names = [...pointer.split('/').slice(1), ...(extra === '' ? [] : [extra])];
  return names.reduce(
    (key, name) => (/^\d+$/.test(name) ? `${key}[${name}]` : key === '' ? name : `${key}.${name}`),
    '',
  );
}

function shapeProblems(mapping: unknown): MappingProblem[] {
  const found = new Map<string, string>();
  for (const error of validator.Errors(mapping)) {
    const { instancePath, keyword } = error;
    const add = (key: string, sentence: string): void => {
      if (!found.has(key)) found.set(key, sentence);
    };
    if (keyword === 'additionalProperties') {
      for (const name of error.params.additionalProperties) {
        add(keyOf(instancePath, name), 'is not known; see docs/guides/generic-rest.md');
      }
    } else if (keyword === 'required') {
      for (const name of error.params.requiredProperties) {
        add(keyOf(instancePath, name), 'is missing');
      }
    } else if (keyword === 'enum') {
      add(keyOf(instancePath), `expected one of ${error.params.allowedValues.join(', ')}`);
    } else if (keyword !== 'anyOf' && keyword !== 'boolean') {
      add(keyOf(instancePath) || 'the mapping', error.message);
    }
  }
  return [...found].map(([key, sentence]) => ({ key, sentence }));
}

function stepsOf(mapping: RestMapping): (readonly [StepName, Step])[] {
  const others = TOKEN_STEPS.flatMap((name) => {
    const step = mapping[name];
    return step === null ? [] : [[name, step] as const];
  });
  return [['tokenise', mapping.tokenise], ...others];
}

const isOneOf = (list: readonly string[], name: string): boolean => list.includes(name);

function stepProblems(mapping: RestMapping, name: StepName, step: Step, say: Say): void {
  const known = FACTS_OF_STEP[name];
  pathProblems(`${name}.path`, step.path, known, say);
  step.fields.forEach((field, index) =>
    fieldProblems(`${name}.fields[${index}]`, name, field, say),
  );
  placeProblems(name, step.fields, say);
  const bodiless = step.method === 'GET';
  if (bodiless && step.fields.length > 0) {
    say(`${name}.fields`, 'a GET has no body; put what it needs into the path');
  }
  if (name === 'tokenise') {
    if (step.answer === 'or_none') say('tokenise.answer', 'a token has to be read from an object');
    for (const secret of SECRET_FACTS) {
      if (!step.fields.some(({ from }) => from === secret)) {
        say('tokenise.fields', `${secret} has no place: give the field that it goes into`);
      }
    }
    return;
  }
  if (step.answer === 'or_none' && /^(verify|subscribe|read|charge)$/.test(name)) {
    say(`${name}.answer`, 'expected object: there is an id or a status to be read');
  }
  if (mapping.subscribe === null && /^(read|cancel|pause|resume|change)/.test(name)) {
    // Tokenline keeps such a subscription itself.
    if (step !== GUIDE_MAPPING[name]) say(name, 'there is no subscribe; set this to null as well');
  }
}

function fieldProblems(key: string, name: StepName, field: Field, say: Say): void {
  const { from, value } = field;
  if ((from === undefined) === (value === undefined)) {
    say(key, 'give from, one of our facts, or value, a constant; not both');
    return;
  }
  if (typeof value === 'string' && holdsDigitRun(value)) say(`${key}.value`, CARD_NUMBER);
  if (from === undefined) return;
  if (!FACTS_OF_STEP[name].includes(from)) {
    const secret = isOneOf([...SECRET_FACTS, ...CARD_FACTS], from);
    say(`${key}.from`, secret ? ONLY_TOKENISE : `${name} knows no ${from}; see the guide's table`);
  }
  if (isOneOf(SECRET_FACTS, from) && (field.as !== undefined || field.words !== undefined)) {
    say(key, `${from} goes as it is: it never becomes a text or a number that could be changed`);
  }
}

const ONLY_TOKENISE = 'digits of a card go into the body of tokenise and nowhere else';
const CARD_NUMBER = 'holds 12 or more digits in a row, which may be a card number';

function holdsDigitRun(value: string): boolean {
  return /\d{12,}/.test(value);
}

/** No name twice, and none that is a value in one field and an object in another. */
function placeProblems(name: StepName, fields: readonly Field[], say: Say): void {
  const taken = new Map<string, number>();
  fields.forEach(({ to }, index) => {
    const key = `${name}.fields[${index}].to`;
    const other = [...taken.keys()].find(
      (earlier) => earlier === to || earlier.startsWith(`${to}.`) || to.startsWith(`${earlier}.`),
    );
    if (other === to) say(key, `${to} stands twice`);
    else if (other !== undefined) say(key, `${to} and ${other} cannot both be`);
    taken.set(to, index);
  });
}

function pathProblems(key: string, path: string, known: readonly Fact[], say: Say): void {
  for (const name of namesIn(path)) {
    if (isOneOf([...SECRET_FACTS, ...CARD_FACTS], name)) say(key, `{${name}}: ${ONLY_TOKENISE}`);
    else if (!isOneOf(known, name)) say(key, `{${name}} is no fact that is known here`);
  }
  if (/[{}]/.test(path.replaceAll(/\{[a-z0-9_]+\}/g, ''))) say(key, 'a brace stands alone');
  if (holdsDigitRun(path)) say(key, CARD_NUMBER);
  // RFC 3986 §5.2.4: what is sent would not be what is signed.
  if (/\/\.{0,2}(\/|$|\?)/.test(path.slice(1))) say(key, 'an empty part, "." or ".." has no place');
}

function lookUpProblems(mapping: RestMapping, say: Say): void {
  for (const [name, lookUp] of Object.entries(mapping.look_up)) {
    if (lookUp === null) continue;
    const key = `look_up.${name}`;
    pathProblems(`${key}.path`, lookUp.path, FACTS_OF_LOOK_UP, say);
    const names = namesIn(lookUp.path);
    if (!names.some((fact) => fact === 'idempotency_key' || fact === 'operation_id')) {
      say(`${key}.path`, 'has to name {idempotency_key} or {operation_id}: what else finds it?');
    }
    if (lookUp.list_at === null && lookUp.absent.length === 0) {
      say(`${key}.absent`, 'give the word of a 404 that says "not there", or list_at');
    }
    if (lookUp.absent.length > 0 && mapping.answers.error === null) {
      say(
        'answers.error',
        `needed by ${key}.absent: a 404 alone may come from anything on the way`,
      );
    }
  }
}

/** What the client writes itself, or what has a key of its own. */
const OWN_HEADERS = [
  'host',
  'content-length',
  'content-type',
  'connection',
  'transfer-encoding',
  'authorization',
  'accept',
];

function headerProblems(mapping: RestMapping, say: Say): void {
  const { header } = mapping.idempotency;
  const seen = new Set<string>(
    [header, mapping.api_key_header].flatMap((name) => (name === null ? [] : [name.toLowerCase()])),
  );
  mapping.headers.forEach(({ name, value }, index) => {
    const key = `headers[${index}]`;
    const lower = name.toLowerCase();
    if (OWN_HEADERS.includes(lower)) say(`${key}.name`, `${name} is written by Tokenline itself`);
    if (seen.has(lower)) say(`${key}.name`, `${name} stands twice`);
    seen.add(lower);
    if (holdsDigitRun(value)) say(`${key}.value`, CARD_NUMBER);
    if (!/^[\x20-\x7e]+$/.test(value)) say(`${key}.value`, 'expected one line of ASCII');
    if (/[{}]/.test(value)) say(`${key}.value`, 'a header is a constant; facts go into the body');
  });
  const inBody = mapping.tokenise.fields.some(({ from }) => from === 'idempotency_key');
  if (header === null && !inBody && mapping.idempotency.retention_ms > 0) {
    say('idempotency.retention_ms', 'expected 0: no header and no field carries the key');
  }
}

/** Words that a caller must not hear anything of (Stripe, PayPal and the schemes say the same). */
const SECRET_WORD = /lost|stolen|fraud|black.?list|pick.?up/i;

function errorProblems(mapping: RestMapping, say: Say): void {
  const seen = new Set<string>();
  mapping.errors.forEach(({ word, means }, index) => {
    const key = `errors[${index}]`;
    if (seen.has(word)) say(`${key}.word`, `${word} stands twice`);
    seen.add(word);
    if (!isMeaning(means)) {
      const known = ERROR_CODE_LIST.filter((code) => isMeaning(code)).join(', ');
      say(`${key}.means`, `expected one of ${known}`);
    } else if (SECRET_WORD.test(word) && (HEARD_AS[means] ?? means) !== 'card_declined') {
      say(`${key}.means`, `${word}: expected card_declined or suspected_fraud, which sound alike`);
    }
  });
}

/** Nobody is on the line when Tokenline charges: what cannot be found again cannot be charged. */
function chargeProblems(mapping: RestMapping, say: Say): void {
  const { charge, subscribe, look_up: lookUp, idempotency } = mapping;
  if (charge === null) {
    if (subscribe === null) say('charge', 'a gateway that cannot subscribe has to charge');
    return;
  }
  const { verdict } = mapping.answers;
  if (verdict !== null && verdict.approved.length === 0) {
    say(
      'answers.verdict.approved',
      'charge needs the words that say yes: one that nobody knows is no payment. Where the id alone says yes, set answers.verdict: null',
    );
  }
  if (subscribe !== null) say('charge', 'the gateway charges by itself where it has subscribe');
  if (lookUp.charge === null) {
    say('look_up.charge', 'charge needs it: a charge whose answer was lost has to be found');
  }
  const keyed =
    idempotency.header !== null || charge.fields.some(({ from }) => from === 'idempotency_key');
  if (!keyed || idempotency.retention_ms === 0) {
    say('idempotency', 'charge needs a key that the gateway keeps: a retry must not charge twice');
  }
}
