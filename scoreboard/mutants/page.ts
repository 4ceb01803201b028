import { MUTANTS } from './mutants.ts';

/** The table of `docs/concepts/proof.md`, as Markdown; a test holds the two equal. */
export function tableOfMutants(): string {
  const rows = MUTANTS.map(({ name, file, board, promise }) => {
    return `| ${name.replaceAll('-', ' ')} | \`${file}\` | ${board} | ${promise} |`;
  });
  return ['| defect | where | board | promise |', '| - | - | - | - |', ...rows].join('\n');
}
