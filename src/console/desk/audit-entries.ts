import type { AuditRow, ProofState } from '../../contract/audit-view.ts';
import { badge, element, exactMoment, link, table, type Column, type Tone } from './dom.ts';

const PROOF_TONE: Readonly<Record<ProofState, Tone>> = {
  proved: 'success',
  waiting: 'info',
  wrong: 'error',
  unproved: 'warning',
};

const RESULT_TONE: Readonly<Record<AuditRow['result'], Tone>> = {
  success: 'success',
  failure: 'error',
  // Such as an intent: what came of it is another entry.
  unknown: 'info',
};

function idLine(name: string, id: string): HTMLElement[] {
  if (id === '') return [];
  const address = `/console/audit?id=${encodeURIComponent(id)}`;
  return [element('div', {}, [`${name} `, link(id, address)])];
}

function onWhat(row: AuditRow): HTMLElement {
  const ids = [
    ...idLine('operation', row.operation_id),
    ...idLine('subscription', row.subscription_id),
    ...idLine('interaction', row.interaction_id),
    ...idLine('transaction', row.gateway_transaction_id),
  ];
  const known = [
    row.operation_id,
    row.subscription_id,
    row.interaction_id,
    row.gateway_transaction_id,
  ];
  const own = known.includes(row.resource) ? [] : [element('div', {}, [row.resource])];
  return element('div', {}, [...own, ...ids]);
}

function what(row: AuditRow): HTMLElement {
  const facts = Object.entries(row.facts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`);
  return element('div', {}, [
    element('div', {}, [row.text]),
    element('div', { class: 'quiet' }, [[row.action, ...facts].join(' · ')]),
  ]);
}

function who(row: AuditRow): HTMLElement {
  return element('div', {}, [
    element('div', {}, [row.actor]),
    element('div', { class: 'quiet' }, [`from ${row.origin}`]),
  ]);
}

function fact(name: string, value: string, className = ''): HTMLElement[] {
  return [element('dt', {}, [name]), element('dd', { class: className }, [value])];
}

/** Everything that proves the entry, folded away behind its state. */
function proof(row: AuditRow): HTMLElement {
  const { checkpoint, state, word, sentence } = row.proof;
  const covered =
    checkpoint === null
      ? 'none yet'
      : `at entry ${checkpoint.seq}, ${checkpoint.at}, key ${checkpoint.key_id}`;
  const facts = element('dl', { class: 'proof' }, [
    ...fact('Entry', row.id),
    ...fact('Hash', row.entry_hash, 'hash'),
    ...fact('Chain', row.chain_hash === '' ? 'no place yet' : row.chain_hash, 'hash'),
    ...fact('Checkpoint', covered),
  ]);
  // Before the component is drawn, the browser finds no name in it.
  const summary = element('summary', { 'aria-label': `${word}: proof` }, [
    badge(word, PROOF_TONE[state]),
  ]);
  const details = element('details', {}, [summary, element('p', {}, [sentence]), facts]);
  // What is wrong is not for somebody to look for.
  if (state === 'wrong') details.open = true;
  return details;
}

const COLUMNS: readonly Column<AuditRow>[] = [
  { title: 'Place', cell: ({ seq }) => (seq === null ? 'new' : String(seq)), numeric: true },
  { title: 'When (UTC)', cell: ({ at }) => exactMoment(at) },
  { title: 'Who', cell: who },
  { title: 'What', cell: what },
  { title: 'On what', cell: onWhat },
  { title: 'Result', cell: ({ result }) => badge(result, RESULT_TONE[result]) },
  { title: 'Proof', cell: proof },
];

/** Who, what, when, from where, on what, with which result, and what proves it. */
export function entryTable(rows: readonly AuditRow[]): HTMLElement {
  const found = table('Entries of the ledger', COLUMNS, rows, 'Nothing.');
  found.classList.add('entries');
  return found;
}
