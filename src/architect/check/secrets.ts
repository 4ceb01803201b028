import type { Expression } from '../expression/ast.ts';
import { variablesOf, type VariableUse } from '../expression/check.ts';
import type { Action, CollectInput, Flow, Input } from '../model.ts';
import { positionInside } from '../position.ts';
import { cardQuestions } from './card-data.ts';
import type { Known, Report } from './finding.ts';
import type { OwnRule } from './rules.ts';
import { partsOf, usesOf, type Sink, type Use } from './uses.ts';
import { declaredIn, taskVariableKey, variableKey } from './variable-key.ts';
import { everyAction, type ActionPlace, type Section } from './walk.ts';

/** Why a variable holds a secret, for messages; by the key of the variable. */
export type Secrets = ReadonlyMap<string, string>;

const BY_SINK: Readonly<Record<Exclude<Sink, 'call-data-secure'>, OwnRule>> = {
  audio: 'secret-in-audio',
  condition: 'secret-in-condition',
  'loop-count': 'secret-in-condition',
  assignment: 'secret-in-update-data',
  'call-data': 'secret-in-call-data',
  'participant-data': 'secret-in-participant-data',
  'screen-pop': 'secret-in-screen-pop',
  'task-input': 'secret-in-task-input',
  'module-input': 'secret-in-task-input',
  transfer: 'secret-in-transfer',
  extract: 'extract-secure-data',
  'initial-value': 'secret-elsewhere',
  other: 'secret-elsewhere',
};

/** Functions that take a part of a secret, for an input of callDataSecure. */
const CUTS: ReadonlySet<string> = new Set(['left', 'right', 'substring']);

/**
 * Card data and secure variables reach secure data actions and nothing else.
 *
 * A secret that gets into a plain variable makes that variable a secret too, in whatever order the
 * actions run: every further place that reads it is reported.
 */
export function checkSecrets(flow: Flow, known: Known, report: Report): void {
  const places = everyAction(flow);
  checkDeclarations(flow, report);
  const cards = checkCardData(flow, places, known, report);
  const secrets = secretsOf(flow, places, cards);
  for (const use of usesOf(flow)) checkUse(use, secrets, report);
  for (const { action, section } of places) {
    if (action.kind === 'collectInput') checkReadBack(action, section, secrets, report);
  }
}

function checkDeclarations(flow: Flow, report: Report): void {
  for (const { variable } of declaredIn(flow)) {
    const { name, isSecure, isInput, isOutput, position } = variable;
    if (!isSecure) continue;
    if (flow.type !== 'secureCall') {
      report.add(
        'secure-variable-outside',
        position,
        `${name} is secure, and this is a flow of type ${flow.type}; secure variables are for secureCall flows.`,
      );
    }
    if (isInput || isOutput) {
      report.add(
        'secure-input-or-output',
        position,
        `${name} is secure, so it cannot be an ${isInput ? 'input' : 'output'}; use a secure variable of the flow, Flow.${name.replace(/^\w+\./, '')}.`,
      );
    }
  }
}

/** Asks of card data for their variable and flow. @returns the variables, with a reason. */
function checkCardData(
  flow: Flow,
  places: readonly ActionPlace[],
  known: Known,
  report: Report,
): Secrets {
  const secure = new Set(
    declaredIn(flow)
      .filter(({ variable }) => variable.isSecure)
      .map(({ key }) => key),
  );
  const sections = new Map<CollectInput, Section>();
  for (const { action, section } of places) {
    if (action.kind === 'collectInput') sections.set(action, section);
  }
  const cards = new Map<string, string>();
  for (const { field, question } of cardQuestions([...sections.keys()], known.prompts)) {
    const key = variableKey(question.into, sections.get(question) ?? null);
    const isSecure = secure.has(key);
    if (isSecure && flow.type === 'secureCall') continue;
    const wrong = [
      ...(isSecure ? [] : [`${question.into} is not secure`]),
      ...(flow.type === 'secureCall' ? [] : [`the flow is of type ${flow.type}`]),
    ].join(' and ');
    report.add(
      'card-data-not-secure',
      question.position,
      `${question.name} asks for what looks like the ${field === 'number' ? 'number' : field} of a card, but ${wrong}; collect it in a secureCall flow, into a variable with isSecure: true.`,
    );
    cards.set(key, `the ${field} of a card`);
  }
  return cards;
}

/** All that holds a secret: declared so, a card's, or given one. */
function secretsOf(flow: Flow, places: readonly ActionPlace[], cards: Secrets): Secrets {
  const secrets = new Map<string, string>(cards);
  for (const { variable, key } of declaredIn(flow)) {
    if (variable.isSecure) secrets.set(key, 'a secure variable');
  }
  const steps = places.flatMap(({ action, section }) => stepsOf(action, section));
  const initial = declaredIn(flow).flatMap(({ variable, key }): Step[] =>
    variable.initial.kind === 'expression'
      ? [
          {
            from: variablesOf(variable.initial.expression).map((use) =>
              variableKey(`${use.scope}.${use.name}`, { id: key.split(' task.')[0] ?? '' }),
            ),
            to: key,
          },
        ]
      : [],
  );
  let size = -1;
  while (size !== secrets.size) {
    size = secrets.size;
    for (const { from, to } of [...steps, ...initial]) {
      const source = from.find((key) => secrets.has(key));
      if (source !== undefined && !secrets.has(to)) {
        secrets.set(to, `what ${source.replace(/^.* /, '')} holds`);
      }
    }
  }
  return secrets;
}

/** A value that goes from variables into one. */
interface Step {
  readonly from: readonly string[];
  readonly to: string;
}

function stepsOf(action: Action, section: Section): readonly Step[] {
  const keysOf = (expression: Expression): string[] =>
    variablesOf(expression).map(({ scope, name }) => variableKey(`${scope}.${name}`, section));
  const given = (inputs: readonly Input[], refId: string): Step[] =>
    inputs.flatMap(({ name, value }) =>
      value.kind === 'expression'
        ? [{ from: keysOf(value.expression), to: taskVariableKey(refId, name) }]
        : [],
    );
  if (action.kind === 'updateData') {
    return action.statements.flatMap(({ variable, value }) =>
      value.kind === 'expression'
        ? [{ from: keysOf(value.expression), to: variableKey(variable, section) }]
        : [],
    );
  }
  if (action.kind === 'callTask') {
    return [
      ...given(action.inputs, action.target.refId),
      ...action.outputs.flatMap(({ name, variable }) =>
        variable === null
          ? []
          : [
              {
                from: [taskVariableKey(action.target.refId, name)],
                to: variableKey(variable, section),
              },
            ],
      ),
    ];
  }
  if (action.kind === 'jumpToTask') {
    return given(action.inputs, action.target.refId);
  }
  if (
    action.kind === 'callCommonModule' ||
    action.kind === 'lookup' ||
    action.kind === 'notPlayed'
  ) {
    // What an action does with its values is not known: what it gives back may be the secret.
    const from = partsOf(action).flatMap(([, value]) =>
      value.kind === 'expression' ? keysOf(value.expression) : [],
    );
    return action.outputs.flatMap(({ variable }) =>
      variable === null ? [] : [{ from, to: variableKey(variable, section) }],
    );
  }
  return [];
}

function checkUse(use: Use, secrets: Secrets, report: Report): void {
  const { written, sink, what, section } = use;
  const isSecret = ({ scope, name }: Pick<VariableUse, 'scope' | 'name'>): boolean =>
    secrets.has(variableKey(`${scope}.${name}`, section));
  const secret = variablesOf(written.expression).find(isSecret);
  if (secret === undefined) return;
  const name = `${secret.scope}.${secret.name}`;
  const why = secrets.get(variableKey(name, section)) ?? '';
  const position = positionInside(written, secret.span);
  const holds = why === 'a secure variable' ? `${name}, a secure variable` : `${name}, with ${why}`;
  if (sink === 'call-data-secure') {
    if (isAllowed(written.expression, isSecret)) return;
    report.add(
      'secret-expression',
      position,
      `${what} computes with ${holds}; give it the variable itself, or Left, Right or Substring of it.`,
    );
    return;
  }
  report.add(
    BY_SINK[sink],
    position,
    `${what} reads ${holds}; only an input of callDataSecure may.`,
  );
}

/** The variable, or a part of it whose bounds are no secret. */
function isAllowed(
  expression: Expression,
  isSecret: (use: Pick<VariableUse, 'scope' | 'name'>) => boolean,
): boolean {
  if (expression.kind === 'variable') return true;
  if (expression.kind !== 'call' || !CUTS.has(expression.name.toLowerCase())) return false;
  const [subject, ...bounds] = expression.args;
  return subject?.kind === 'variable' && !bounds.some((bound) => variablesOf(bound).some(isSecret));
}

function checkReadBack(
  action: CollectInput,
  section: Section,
  secrets: Secrets,
  report: Report,
): void {
  const why = secrets.get(variableKey(action.into, section));
  if (why === undefined || action.verification === 'none') return;
  report.add(
    'secret-read-back',
    action.position,
    `${action.name} reads the keys back to the caller (verificationType: ${action.verification}), and ${action.into} holds ${why === 'a secure variable' ? 'a secret' : why}; write verificationType: none.`,
  );
}
