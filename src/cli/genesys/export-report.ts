import type { Comparison, Difference } from '../../architect/compare/compare.ts';
import { SPELLINGS, strongest, type JudgedSpelling } from '../../architect/compare/spellings.ts';
import type { Paint } from '../paint.ts';

/** One flow, as it came back and was compared. */
export interface Compared {
  /** Of our file: `card-capture.yaml`. */
  readonly file: string;
  readonly name: string;
  /** Where the export was written; `null` where there is none. */
  readonly path: string | null;
  /** Why there is nothing to compare; `null` where there is. */
  readonly trouble: string | null;
  readonly comparison: Comparison | null;
  readonly spellings: readonly JudgedSpelling[];
}

/** Something that matters differs, a flow did not come back, or a spelling is another one. */
export function isTrouble({ trouble, comparison, spellings }: Compared): boolean {
  const different = spellings.some(({ verdict }) => verdict === 'different');
  return trouble !== null || different || (comparison?.matters.length ?? 0) > 0;
}

/** @param all lists what does not matter, too. */
export function exportReport(flows: readonly Compared[], paint: Paint, all: boolean): string[] {
  return [
    ...flows.flatMap((flow) => [...flowLines(flow, paint, all), '']),
    ...spellingLines(flows, paint),
    '',
    ...conclusion(flows, paint),
  ];
}

function flowLines(flow: Compared, paint: Paint, all: boolean): string[] {
  const { file, name, path, trouble, comparison } = flow;
  const head = `${file}  ${name}${path === null ? '' : paint.dim(`  ${path}`)}`;
  if (comparison === null) return [head, `  ${paint.red(trouble ?? 'nothing to compare')}`];
  const { matters, genesysAdds, genesysLeavesOut, rewritten } = comparison;
  const apart = {
    'Genesys adds': genesysAdds,
    'Genesys leaves out': genesysLeavesOut,
    'written otherwise': rewritten,
  };
  const counted = Object.entries(apart).map(([what, list]) => `${what} ${list.length}`);
  return [
    head,
    matters.length === 0
      ? `  ${paint.green('nothing differs that matters')}`
      : `  ${paint.red(`${matters.length} ${matters.length === 1 ? 'difference' : 'differences'} that ${matters.length === 1 ? 'matters' : 'matter'}`)}`,
    ...matters.flatMap((difference) => differenceLines(difference, paint)),
    `  ${paint.dim(`without meaning: ${counted.join(', ')}${all ? '' : ' (--all lists them)'}`)}`,
    ...(all
      ? Object.values(apart)
          .flat()
          .flatMap((difference) => differenceLines(difference, paint))
      : []),
  ];
}

const WHAT: Readonly<Record<Difference['what'], string>> = {
  changed: 'another value',
  missing: 'not in the export',
  added: 'only in the export',
  moved: 'in another order',
  renamed: 'another type of action',
};

function differenceLines(difference: Difference, paint: Paint): string[] {
  const { where, what, ours, theirs, position } = difference;
  return [
    `    ${where}: ${WHAT[what]}  ${paint.dim(`${position.file}:${position.line}`)}`,
    ...(ours === null ? [] : [`      deployed  ${ours}`]),
    ...(theirs === null ? [] : [`      exported  ${theirs}`]),
  ];
}

const VERDICTS = {
  confirmed: 'confirmed',
  different: 'different',
  absent: 'open',
  unused: 'not used',
} as const;

/** Every spelling once, over all flows. */
export function spellingsOver(flows: readonly Compared[]): JudgedSpelling[] {
  return SPELLINGS.map((spelling) => ({
    spelling,
    ...strongest(
      flows.flatMap(({ spellings }) => spellings.filter((one) => one.spelling === spelling)),
    ),
  }));
}

function spellingLines(flows: readonly Compared[], paint: Paint): string[] {
  const colours = {
    confirmed: paint.green,
    different: paint.red,
    absent: paint.yellow,
    unused: paint.dim,
  };
  const width = Math.max(...SPELLINGS.map((spelling) => spelling.length));
  return [
    'Spellings that our flows derive, because no public export shows them:',
    ...spellingsOver(flows).map(({ spelling, verdict, says, times, position }) => {
      const at = position === null ? '' : paint.dim(`  ${position.file}:${position.line}`);
      const more = times > 1 ? `, and in ${times - 1} more` : '';
      const word = colours[verdict](VERDICTS[verdict].padEnd(9));
      return `  ${word}  ${spelling.padEnd(width)}  ${says}${more}${at}`;
    }),
  ];
}

function conclusion(flows: readonly Compared[], paint: Paint): string[] {
  const different = spellingsOver(flows).filter(({ verdict }) => verdict === 'different');
  if (different.length > 0) {
    const names = different.map(({ spelling }) => spelling).join(', ');
    return [
      paint.red(
        `Take no calls with these flows: Genesys writes ${names} in another way than we do.`,
      ),
      'Correct genesys/flows after the export, run tokenline check, and tell the project.',
    ];
  }
  if (flows.some(isTrouble))
    return [
      paint.yellow('What is deployed is not what is here. Deploy again, or take over the change.'),
    ];
  return [paint.green('What is deployed is what is here.')];
}
