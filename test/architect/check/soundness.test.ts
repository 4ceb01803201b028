import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkTexts } from '../../../src/architect/check/check-flow.ts';
import { NOTHING_KNOWN } from '../../../src/architect/check/finding.ts';
import { RULES } from '../../../src/architect/check/rules.ts';
import { problemLine } from '../../../src/architect/position.ts';
import { GOOD_FLOW } from '../flow.ts';

/** Variables of the flow; the first is secure. */
const NAMES = ['Flow.Secret', 'Flow.A', 'Flow.B', 'Flow.C'] as const;
/** Tasks call those behind them. */
const TASKS = 3;

type Source =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'append'; readonly names: readonly string[] }
  | { readonly kind: 'if'; readonly first: boolean; readonly names: readonly [string, string] };

type Step =
  | { readonly kind: 'copy'; readonly to: string; readonly from: Source }
  | { readonly kind: 'audio' | 'participant' | 'callData' | 'secure'; readonly from: Source }
  | { readonly kind: 'call'; readonly task: number; readonly from: Source; readonly to: string }
  /** One of the ways is gone, chosen here: the flow does not say which. */
  | {
      readonly kind: 'branch';
      readonly taken: boolean;
      readonly yes: readonly Step[];
      readonly no: readonly Step[];
    };

const readable = [...NAMES, 'Task.In'];
const name = fc.constantFrom(...readable);
const source: fc.Arbitrary<Source> = fc.oneof(
  fc.record({ kind: fc.constant('variable' as const), name }),
  fc.record({
    kind: fc.constant('append' as const),
    names: fc.array(name, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('if' as const), first: fc.boolean(), names: fc.tuple(name, name) }),
);
const target = fc.constantFrom(...NAMES.slice(1));

const { step } = fc.letrec<{ step: Step; steps: Step[] }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 4 }),
  step: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('copy' as const), to: target, from: source }),
    fc.record({
      kind: fc.constantFrom(
        'audio' as const,
        'participant' as const,
        'callData' as const,
        'secure' as const,
      ),
      from: source,
    }),
    fc.record({
      kind: fc.constant('call' as const),
      task: fc.nat({ max: TASKS - 1 }),
      from: source,
      to: target,
    }),
    fc.record({
      kind: fc.constant('branch' as const),
      taken: fc.boolean(),
      yes: tie('steps'),
      no: tie('steps'),
    }),
  ),
}));
const bodies = fc.array(fc.array(step, { maxLength: 6 }), { minLength: TASKS, maxLength: TASKS });

function expression(from: Source): string {
  if (from.kind === 'variable') return from.name;
  if (from.kind === 'append') return `Append(${from.names.join(', ')}, "")`;
  return `If(Call.Ani == "1", ${from.names.join(', ')})`;
}

/** Writes the flow down, and remembers in which line a step reads its value. */
class Writer {
  readonly lines: string[] = [];
  readonly lineOf = new Map<Step, number>();

  add(indent: number, text: string, of?: Step): void {
    this.lines.push(' '.repeat(indent) + text);
    if (of !== undefined) this.lineOf.set(of, this.lines.length);
  }

  steps(list: readonly Step[], indent: number, own: number): void {
    for (const each of list) this.step(each, indent, own);
  }

  step(each: Step, at: number, own: number): void {
    if (each.kind === 'branch') {
      this.add(at, '- decision:');
      this.add(at + 4, 'condition: { exp: Call.Ani == "1" }');
      this.add(at + 4, 'outputs:');
      for (const way of ['yes', 'no'] as const) {
        this.add(at + 6, `"${way}":`);
        this.add(at + 8, 'actions:');
        this.add(at + 10, '- playAudio: { audio: { tts: Hm } }');
        this.steps(each[way], at + 10, own);
      }
      return;
    }
    const exp = `{ exp: '${expression(each.from)}' }`;
    if (each.kind === 'copy') {
      this.add(at, '- updateData:');
      this.add(at + 4, 'statements:');
      this.add(at + 6, `- string: { variable: ${each.to}, value: ${exp} }`, each);
    } else if (each.kind === 'audio') {
      this.add(at, `- playAudio: { audio: ${exp} }`, each);
    } else if (each.kind === 'participant') {
      this.add(at, '- setParticipantData:');
      this.add(at + 4, 'attributes:');
      this.add(at + 6, `- attribute: { name: { lit: a }, value: ${exp} }`, each);
    } else if (each.kind === 'call') {
      const task = calledBy(own, each.task);
      this.add(at, '- callTask:');
      this.add(at + 4, `targetTaskRef: ./tasks/task[T${task}]`);
      this.add(at + 4, `taskInputs: { Task.In: ${exp} }`, each);
      this.add(at + 4, `taskOutputs: { Task.Out: { var: ${each.to} } }`);
    } else {
      this.add(at, `- ${each.kind === 'secure' ? 'callDataSecure' : 'callData'}:`);
      this.add(at + 4, 'category:');
      this.add(at + 6, `V: { dataAction: { K: { inputs: { a: ${exp} } } } }`, each);
    }
  }
}

/** The task that is really called: one behind the caller's, or the last. */
function calledBy(own: number, wanted: number): number {
  return Math.min(TASKS, own + 1 + (wanted % TASKS));
}

function written(tasks: readonly (readonly Step[])[]): Writer {
  const writer = new Writer();
  const { lines } = writer;
  lines.push('secureCall:', '  name: Random', '  startUpRef: ./tasks/task[T0]', '  variables:');
  for (const each of NAMES) {
    const secure = each === 'Flow.Secret' ? 'isSecure: true, ' : '';
    lines.push(`    - stringVariable: { name: ${each}, ${secure}initialValue: { noValue: true } }`);
  }
  lines.push('  tasks:');
  [...tasks, []].forEach((steps, index) => {
    lines.push('    - task:', `        name: T${index}`, `        refId: T${index}`);
    lines.push('        variables:');
    lines.push('          - stringVariable: { name: Task.In, isInput: true }');
    lines.push('          - stringVariable: { name: Task.Out, isOutput: true }');
    lines.push('        actions:');
    writer.steps(steps, 10, index);
    lines.push('          - updateData:');
    lines.push('              statements:');
    lines.push('                - string: { variable: Task.Out, value: { exp: Task.In } }');
  });
  return writer;
}

/** Runs the steps with values that are either the secret or not. @returns steps that let it out. */
function leaks(tasks: readonly (readonly Step[])[]): ReadonlySet<Step> {
  const out = new Set<Step>();
  const flow = new Map<string, boolean>([['Flow.Secret', true]]);
  const run = (steps: readonly Step[], own: number, given: boolean): void => {
    const read = (one: string): boolean => (one === 'Task.In' ? given : (flow.get(one) ?? false));
    const value = (from: Source): boolean => {
      if (from.kind === 'variable') return read(from.name);
      if (from.kind === 'append') return from.names.some(read);
      return read(from.names[from.first ? 0 : 1]);
    };
    for (const each of steps) {
      if (each.kind === 'branch') run(each.taken ? each.yes : each.no, own, given);
      else {
        const isSecret = value(each.from);
        // A secure data action may have it, as it is.
        if (isSecret && (each.kind !== 'secure' || each.from.kind !== 'variable')) out.add(each);
        if (each.kind === 'copy') flow.set(each.to, isSecret);
        if (each.kind === 'call') {
          const task = calledBy(own, each.task);
          run(tasks[task] ?? [], task, isSecret);
          flow.set(each.to, isSecret);
        }
      }
    }
  };
  run(tasks[0] ?? [], 0, false);
  return out;
}

test('whenever a run lets a secret out, the check has named that line', () => {
  let seen = 0;
  fc.assert(
    fc.property(bodies, (tasks) => {
      const { lines, lineOf } = written(tasks);
      const [checked] = checkTexts([{ text: lines.join('\n'), file: 'f' }], NOTHING_KNOWN);
      assert.ok(checked !== undefined && checked.flow !== null);
      const told = new Set(
        checked.findings
          .filter(({ rule }) => rule.startsWith('secret-'))
          .map(({ position }) => position.line),
      );
      for (const leak of leaks(tasks)) {
        seen += 1;
        assert.ok(told.has(lineOf.get(leak) ?? 0), `${leak.kind}\n${lines.join('\n')}`);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(seen > 300, `only ${seen} leaks were tried`);
});

test('without a read of the secret or of what holds it, nothing is told', () => {
  const clean = bodies.filter((tasks) => !JSON.stringify(tasks).includes('Flow.Secret'));
  fc.assert(
    fc.property(clean, (tasks) => {
      const text = written(tasks).lines.join('\n');
      const [checked] = checkTexts([{ text, file: 'f' }], NOTHING_KNOWN);
      assert.deepEqual(
        checked?.findings.filter(({ rule }) => rule.startsWith('secret-')).map(problemLine),
        [],
      );
    }),
    { numRuns: 100 },
  );
});

test('a flow with lines swapped, doubled or lost is checked, never thrown', () => {
  const lines = GOOD_FLOW.split('\n');
  const place = fc.nat({ max: lines.length - 1 });
  fc.assert(
    fc.property(place, place, fc.constantFrom('swap', 'double', 'lose'), (one, other, how) => {
      const changed = [...lines];
      const [first, second] = [lines[one] ?? '', lines[other] ?? ''];
      if (how === 'swap') [changed[one], changed[other]] = [second, first];
      else if (how === 'double') changed.splice(one, 0, second);
      else changed.splice(Math.min(one, other), Math.abs(one - other));
      const [checked] = checkTexts([{ text: changed.join('\n'), file: 'f' }], NOTHING_KNOWN);
      assert.ok(checked !== undefined);
      assert.ok(checked.flow !== null || checked.findings.length > 0);
      for (const { rule, position } of checked.findings) {
        assert.ok(RULES.has(rule), rule);
        assert.ok(position.line >= 1 && position.line <= changed.length, `line ${position.line}`);
      }
    }),
    { numRuns: 300 },
  );
});
