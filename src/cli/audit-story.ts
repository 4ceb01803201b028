import type { AuditEntry } from '../contract/audit-page.ts';
import type { Paint } from './paint.ts';

/**
 * The entries as a timeline for a person: a heading for each day and call, one line for each entry,
 * and below it who did it, from where, and the facts.
 */
export function timeline(entries: readonly AuditEntry[], paint: Paint): string[] {
  const width = Math.max(0, ...entries.map((entry) => entry.action.length));
  const seqWidth = Math.max(1, ...entries.map((entry) => String(entry.seq ?? '').length));
  const lines: string[] = [];
  let heading = '';
  for (const entry of entries) {
    const now = headingOf(entry);
    if (now !== heading) lines.push(...(heading === '' ? [] : ['']), paint.bold(now));
    heading = now;
    const place = entry.seq === null ? 'new' : `#${entry.seq}`;
    const head = [
      `  ${timeOf(entry.at)}`,
      place.padStart(seqWidth + 1),
      entry.action.padEnd(width),
      resultText(entry, paint),
      entry.resource,
    ];
    lines.push(head.join('  ').trimEnd());
    const indent = ' '.repeat(19 + seqWidth);
    lines.push(`${indent}${paint.dim(factsOf(entry))}`);
  }
  return lines;
}

function headingOf(entry: AuditEntry): string {
  const day = entry.at.slice(0, 10);
  return entry.interaction_id === '' ? day : `${day}  call ${entry.interaction_id}`;
}

function timeOf(at: string): string {
  return at.slice(11, 23);
}

function resultText(entry: AuditEntry, paint: Paint): string {
  const text = entry.result.padEnd(7);
  switch (entry.result) {
    case 'success':
      return paint.green(text);
    case 'failure':
      return paint.red(text);
    case 'unknown':
      return paint.yellow(text);
  }
}

function factsOf(entry: AuditEntry): string {
  const ids = [
    ['operation', entry.operation_id],
    ['subscription', entry.subscription_id],
    ['gateway transaction', entry.gateway_transaction_id],
  ] as const;
  const facts = [
    `by ${entry.actor} from ${entry.origin}`,
    ...ids
      .filter(([, id]) => id !== '' && id !== entry.resource)
      .map(([name, id]) => `${name} ${id}`),
    ...Object.entries(entry.detail)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name} ${value}`),
  ];
  return facts.join(' · ');
}
