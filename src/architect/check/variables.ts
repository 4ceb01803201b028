import { builtInType } from '../expression/built-ins.ts';
import { checkExpression, variablesOf } from '../expression/check.ts';
import { isPromptScope } from '../expression/members.ts';
import { isAssignable, sameType, typeText } from '../expression/static-type.ts';
import type { ArchitectType } from '../expression/value.ts';
import type { Flow, Setting, Variable } from '../model.ts';
import { positionInside } from '../position.ts';
import type { Report } from './finding.ts';
import { usesOf, writesOf, type Use, type Write } from './uses.ts';
import { declaredIn, taskVariableKey, variableKey } from './variable-key.ts';
import { everyAction, type Section } from './walk.ts';

/** Variables that are not there, not used, never set, or of another type than is wanted. */
export function checkVariables(flow: Flow, report: Report): void {
  const declared = new Map(declaredIn(flow).map(({ key, variable }) => [key, variable]));
  const uses = usesOf(flow);
  const writes = writesOf(flow);
  for (const use of uses) checkUse(use, flow, declared, report);
  for (const write of writes) checkWrite(write, declared, report);
  checkNeeded(flow, declared, uses, writes, report);
}

type Declarations = ReadonlyMap<string, Variable>;

/** The session's own scopes: what Architect fills there differs by version, and by flow type. */
const OPEN_SCOPES: ReadonlySet<string> = new Set(['call', 'system', 'conversation', 'session']);

function checkUse(use: Use, flow: Flow, declared: Declarations, report: Report): void {
  const { written, section, what, wanted } = use;
  let unknown = false;
  const told = new Set<string>();
  for (const { scope, name, span } of variablesOf(written.expression)) {
    if (isPromptScope(scope) || isKnown(flow, declared, scope, name, use)) continue;
    unknown = true;
    if (isOpen(scope, use.section) || told.has(`${scope}.${name}`)) continue;
    told.add(`${scope}.${name}`);
    report.add(
      'variable-undeclared',
      positionInside(written, span),
      `${what} reads ${scope}.${name}, which is neither declared nor one of Architect’s own; declare it, or correct its name.`,
    );
  }
  // Types follow from variables: with one of them unknown nothing certain can be said.
  if (unknown) return;
  const { type, problems } = checkExpression(
    written.expression,
    (scope, name) =>
      declared.get(variableKey(`${scope}.${name}`, section))?.type ??
      builtInType(flow.type, scope, name),
  );
  for (const { message, span } of problems) {
    report.add('expression-type', positionInside(written, span), `In ${what}: ${message}`);
  }
  if (type === null || wanted === null || isAssignable(type, wanted)) return;
  report.add(
    'value-type',
    written.position,
    `${what} has to be ${typeText(wanted)} and is ${typeText(type)}; convert it, or correct it.`,
  );
}

/** Whether a variable is there cannot be told: a task that stands inline has no place to declare its own. */
function isOpen(scope: string, section: Section | null): boolean {
  const word = scope.toLowerCase();
  return OPEN_SCOPES.has(word) || (word === 'task' && section !== null && section.task === null);
}

function isKnown(
  flow: Flow,
  declared: Declarations,
  scope: string,
  name: string,
  { section }: Use,
): boolean {
  return (
    declared.has(variableKey(`${scope}.${name}`, section)) ||
    builtInType(flow.type, scope, name) !== undefined
  );
}

function checkWrite(write: Write, declared: Declarations, report: Report): void {
  const { variable, position, section, type } = write;
  const target = declared.get(variableKey(variable, section));
  if (target === undefined) {
    if (isOpen(variable.replace(/\..*$/, ''), section)) return;
    report.add(
      'variable-undeclared',
      position,
      `${variable} is given a value and not declared; declare it, or correct its name.`,
    );
    return;
  }
  if (type === null || fits(type, target.type, write)) return;
  report.add(
    'value-type',
    position,
    `${variable} is ${typeText(target.type)} and is given ${typeText(type)}; declare it otherwise, or use another variable.`,
  );
}

function fits(given: ArchitectType, target: ArchitectType, { action }: Write): boolean {
  // The word of a statement of Update Data is the type of its variable.
  return action.kind === 'updateData' ? sameType(given, target) : isAssignable(given, target);
}

function checkNeeded(
  flow: Flow,
  declared: Declarations,
  uses: readonly Use[],
  writes: readonly Write[],
  report: Report,
): void {
  const reads = new Set(
    uses.flatMap(({ written, section }) =>
      variablesOf(written.expression).map(({ scope, name }) =>
        variableKey(`${scope}.${name}`, section),
      ),
    ),
  );
  const set = new Set(writes.map(({ variable, section }) => variableKey(variable, section)));
  for (const { action } of everyAction(flow)) {
    if (action.kind === 'callTask' || action.kind === 'jumpToTask') {
      for (const { name } of action.inputs) set.add(taskVariableKey(action.target.refId, name));
    }
    if (action.kind === 'callTask') {
      for (const { name } of action.outputs) reads.add(taskVariableKey(action.target.refId, name));
    }
  }
  for (const [key, variable] of declared) {
    const { name, initial, isInput, isOutput, position } = variable;
    if (isInput || isOutput) continue;
    if (!reads.has(key) && !set.has(key)) {
      report.add(
        'variable-unused',
        position,
        `Nothing reads ${name} or gives it a value; take it away.`,
      );
    } else if (!set.has(key) && isNotSet(initial, variable)) {
      report.add(
        'variable-never-set',
        position,
        `${name} is read and never gets a value, so it is always NOT_SET; give it one.`,
      );
    }
  }
}

/** A collection without a value is empty, which is a value. */
function isNotSet(initial: Setting, { type }: Variable): boolean {
  return initial.kind === 'none' && typeof type === 'string';
}
