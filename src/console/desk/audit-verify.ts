import type {
  AuditQuestion,
  VerifyFinding,
  VerifyLine,
  VerifyOrder,
  VerifyVerdict,
} from '../../contract/audit-view.ts';
import { tellLines } from './ask.ts';
import { badge, button, card, element, table } from './dom.ts';

function findings(rows: readonly VerifyFinding[], all: number): HTMLElement[] {
  if (rows.length === 0) return [];
  const columns = [
    { title: 'Place', cell: (row: VerifyFinding) => String(row.seq), numeric: true },
    { title: 'What', cell: (row: VerifyFinding) => row.kind.replaceAll('_', ' ') },
    { title: 'What that means', cell: (row: VerifyFinding) => row.sentence },
  ];
  const more = all > rows.length ? [`The first ${rows.length} of ${all}.`] : [];
  return [table('What does not add up', columns, rows, ''), element('p', { class: 'quiet' }, more)];
}

function shown(verdict: VerifyVerdict): HTMLElement[] {
  const { holds, sentences, first_seq: first, last_seq: last } = verdict;
  const span = verdict.entries === 0 ? [] : [`Entries ${first} to ${last}.`];
  return [
    element('p', { class: 'row' }, [
      holds ? badge('holds', 'success') : badge('does not add up', 'error'),
      [...sentences, ...span].join(' '),
    ]),
    ...findings(verdict.findings, verdict.finding_count),
  ];
}

export interface VerifyCard {
  readonly root: HTMLElement;
  /** Stops a verification that is under way. */
  readonly close: () => void;
}

/** Verifies the ledger, or the part that a time is in, and says how far it has come. */
export function verifyCard(question: () => AuditQuestion): VerifyCard {
  const bar = element('progress', { 'aria-label': 'Entries verified' });
  const progress = element('p', { class: 'quiet' });
  const result = element('div', { role: 'status' });
  const problem = element('p', { class: 'problem', role: 'alert' });
  bar.hidden = true;
  const held = { end: new AbortController() };

  const take = (line: VerifyLine): void => {
    if (line.kind === 'progress') {
      bar.max = Math.max(1, line.of);
      bar.value = line.checked;
      progress.textContent = `${line.checked} of ${line.of} entries`;
    } else if (line.kind === 'verdict') {
      result.replaceChildren(...shown(line));
    } else {
      problem.textContent = line.sentence;
    }
  };

  const verify = (order: VerifyOrder): void => {
    held.end.abort();
    const end = new AbortController();
    held.end = end;
    problem.textContent = '';
    result.replaceChildren();
    bar.removeAttribute('value');
    bar.hidden = false;
    tellLines<VerifyLine>('audit/verify', order, take, end.signal)
      .catch((error: unknown) => {
        if (end.signal.aborted) return;
        problem.textContent = error instanceof Error ? error.message : 'It did not work.';
      })
      .finally(() => {
        if (held.end !== end) return;
        bar.hidden = true;
        progress.textContent = '';
      });
  };

  const verifyTime = (): void => {
    const { from, to } = question();
    if (from === undefined && to === undefined) {
      problem.textContent = 'Give a time above first.';
      return;
    }
    verify({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  };

  const root = card('Verify', [
    element('p', {}, [
      'Every hash and every link of the chain is computed anew, and compared with the signed checkpoints. ' +
        'A part is verified from the checkpoint before it to the one after it.',
    ]),
    element('div', { class: 'row' }, [
      button('Verify the whole ledger', 'secondary', () => verify({})),
      button('Verify this time', 'ghost', verifyTime),
    ]),
    bar,
    progress,
    problem,
    result,
    element('p', { class: 'quiet' }, [
      'This bridge says so of itself. Who owns its machine could change that too: for a proof that does ' +
        'not trust it, run “tokenline audit verify” with the public key and the shipped checkpoints.',
    ]),
  ]);
  return { root, close: () => held.end.abort() };
}
