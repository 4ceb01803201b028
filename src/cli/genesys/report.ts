import { KINDS, type Kind, type Look } from '../../genesys/place.ts';
import type { Finding, Step } from '../../genesys/plan.ts';
import type { Paint } from '../paint.ts';

const SIGNS: Readonly<Record<Look['verdict'], string>> = {
  create: '+',
  change: '~',
  remove: '-',
  left: '=',
  refused: '!',
};

const WIDTH = Math.max(...KINDS.map((kind) => kind.length));

function coloured(verdict: Look['verdict'], paint: Paint, line: string): string {
  switch (verdict) {
    case 'create':
      return paint.green(line);
    case 'change':
      return paint.yellow(line);
    case 'remove':
    case 'refused':
      return paint.red(line);
    case 'left':
      return paint.dim(line);
  }
}

export function objectLine(
  verdict: Look['verdict'],
  kind: Kind,
  name: string,
  paint: Paint,
): string {
  return coloured(verdict, paint, `${SIGNS[verdict]} ${kind.padEnd(WIDTH)}  ${name}`);
}

/** What is to be said of one object below its line. */
function remarksOf(look: Look): readonly string[] {
  switch (look.verdict) {
    case 'change':
      return look.differences;
    case 'refused':
      return [look.reason];
    case 'create':
    case 'remove':
    case 'left':
      return look.remark === undefined ? [] : [look.remark];
  }
}

/** The plan for a person: what stays as it is only where there is something to say about it. */
export function planLines(findings: readonly Finding[], paint: Paint): string[] {
  const lines = findings.flatMap(({ part, look }) => {
    const remarks = remarksOf(look);
    if (look.verdict === 'left' && remarks.length === 0) return [];
    const indent = ' '.repeat(WIDTH + 4);
    return [
      objectLine(look.verdict, part.kind, part.name, paint),
      ...remarks.map((remark) => `${indent}${remark}`),
    ];
  });
  return [...lines, ...(lines.length > 0 ? [''] : []), totalsLine(findings)];
}

const VERDICTS = ['create', 'change', 'remove', 'left', 'refused'] as const;

export function totalsOf(findings: readonly Finding[]): Record<Look['verdict'], number> {
  const count = (verdict: Look['verdict']): number =>
    findings.filter(({ look }) => look.verdict === verdict).length;
  return {
    create: count('create'),
    change: count('change'),
    remove: count('remove'),
    left: count('left'),
    refused: count('refused'),
  };
}

function totalsLine(findings: readonly Finding[]): string {
  const totals = totalsOf(findings);
  const words = {
    create: 'to create',
    change: 'to change',
    remove: 'to remove',
    left: 'as wanted',
  };
  const told = VERDICTS.flatMap((verdict) =>
    verdict === 'refused' ? [] : [`${totals[verdict]} ${words[verdict]}`],
  );
  const refused = totals.refused === 0 ? '' : `, ${totals.refused} for you to decide about`;
  return `${told.join(', ')}${refused}.`;
}

/** For `--json`. */
export function findingJson({ part, look }: Finding): Readonly<Record<string, unknown>> {
  const { kind, name } = part;
  return { kind, name, verdict: look.verdict, remarks: remarksOf(look) };
}

export function stepLine({ kind, name, verdict, at, of, tookMs }: Step, paint: Paint): string {
  const percent = `${Math.floor((100 * at) / of)}%`.padStart(4);
  const seconds = `${(tookMs / 1000).toFixed(1)} s`.padStart(7);
  return `${percent} ${seconds}  ${objectLine(verdict, kind, name, paint)}`;
}
