import type { Flow } from '../model.ts';
import { readFlow } from '../read.ts';
import { checkBranches } from './branches.ts';
import { checkDataActions } from './data-actions.ts';
import { NOTHING_KNOWN, Report, severityOf, type Finding, type Known } from './finding.ts';
import { graphOf } from './graph.ts';
import { checkSecrets } from './secrets.ts';
import { checkSurroundings } from './surroundings.ts';
import { withoutSuppressed } from './suppression.ts';
import { checkVariables } from './variables.ts';
import { checkWays } from './ways.ts';

/** All that is wrong with a flow that could be read, in the order of the file. */
export function checkFlow(flow: Flow, known: Known = NOTHING_KNOWN): readonly Finding[] {
  const report = new Report();
  const graph = graphOf(flow);
  checkSecrets(flow, known, report);
  checkWays(flow, graph, report);
  checkBranches(flow, graph, report);
  checkVariables(flow, report);
  checkDataActions(flow, known, report);
  checkSurroundings(flow, graph, known, report);
  return inOrder(report.findings);
}

/** A file with its text. */
export interface FlowText {
  readonly file: string;
  readonly text: string;
}

export interface CheckedText {
  readonly file: string;
  /** `null` where there is no flow to speak of; then there are findings. */
  readonly flow: Flow | null;
  readonly findings: readonly Finding[];
}

/**
 * Reads flows and checks them together: each may name the others.
 *
 * @param substitutions values for `{{key}}`; `undefined` leaves placeholders as text.
 */
export function checkTexts(
  texts: readonly FlowText[],
  known: Omit<Known, 'flows'>,
  substitutions?: Readonly<Record<string, string>>,
): readonly CheckedText[] {
  const read = texts.map(({ text, file }) => ({
    text,
    file,
    ...readFlow(text, file, substitutions),
  }));
  const flows = read.flatMap(({ flow }) => flow ?? []);
  return read.map(({ text, file, flow, problems }) => {
    const reading = problems.map((problem) => ({ ...problem, severity: severityOf(problem.rule) }));
    const own = flow === null ? [] : checkFlow(flow, { ...known, flows });
    return { file, flow, findings: inOrder(withoutSuppressed(text, file, [...reading, ...own])) };
  });
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (left, right) =>
      left.position.line - right.position.line ||
      left.position.column - right.position.column ||
      left.rule.localeCompare(right.rule),
  );
}
