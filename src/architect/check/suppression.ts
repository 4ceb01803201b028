import type { Finding } from './finding.ts';
import { Report } from './finding.ts';
import { RULES } from './rules.ts';

interface Suppression {
  readonly line: number;
  readonly rule: string;
  /** A comment that has its line for itself speaks of the next line that is no comment. */
  readonly target: number;
}

const COMMENT = /#\s*tokenline-check:\s*(.*)$/;
const ALLOW = /^allow\s+([\w-]+)\s+because\s+(\S.*)$/;

/**
 * Takes away what a comment allows: `# tokenline-check: allow <rule> because <reason>`, on the line of
 * the finding or above it. A comment that cannot be used, or is of no use, is a finding.
 */
export function withoutSuppressed(
  text: string,
  file: string,
  findings: readonly Finding[],
): readonly Finding[] {
  const report = new Report();
  const used = new Set<Suppression>();
  const suppressions = suppressionsOf(text, file, report);
  const left = findings.filter(({ rule, position }) => {
    const by = suppressions.filter((one) => one.rule === rule && one.target === position.line);
    for (const one of by) used.add(one);
    return by.length === 0;
  });
  for (const suppression of suppressions) {
    if (used.has(suppression)) continue;
    report.add(
      'suppression-unused',
      { file, line: suppression.line, column: 1 },
      `Nothing breaks ${suppression.rule} in line ${suppression.target}; take this comment away.`,
    );
  }
  return [...left, ...report.findings];
}

function suppressionsOf(text: string, file: string, report: Report): readonly Suppression[] {
  const lines = text.split('\n');
  return lines.flatMap((content, index): Suppression[] => {
    const found = COMMENT.exec(content.trimEnd());
    if (found === null) return [];
    const line = index + 1;
    const wrong = (message: string): [] => {
      report.add('suppression-reason', { file, line, column: found.index + 1 }, message);
      return [];
    };
    const [, rule = ''] = ALLOW.exec(found[1] ?? '') ?? [];
    if (rule === '') {
      return wrong('Write `# tokenline-check: allow <rule> because <reason>`.');
    }
    const known = RULES.get(rule);
    if (known === undefined)
      return wrong(`There is no rule ${rule}; tokenline check --rules lists them.`);
    if (known.final === true) {
      return wrong(`${rule} cannot be suppressed; correct what it finds.`);
    }
    const alone = content.slice(0, found.index).trim() === '';
    return [{ line, rule, target: alone ? nextLine(lines, index) : line }];
  });
}

function nextLine(lines: readonly string[], index: number): number {
  const next = lines.findIndex((line, at) => at > index && !/^\s*(#.*)?$/.test(line));
  return next === -1 ? index + 1 : next + 1;
}
