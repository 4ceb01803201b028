import type { AuditRow, AuditView } from '../../contract/audit-view.ts';
import { escapedHtml } from '../../system/html.ts';

/** Its style sheet and nothing else: a page without a script, for paper and for keeping. */
export const PRINT_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;

/** Markup with texts in it, which are never markup. What is markup already stands in a list. */
function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | readonly string[])[]
): string {
  return parts.reduce((text, part, index) => {
    const value = values[index - 1] ?? '';
    return text + (Array.isArray(value) ? value.join('') : escapedHtml(String(value))) + part;
  });
}

/** `2026-11-23T12:00:00.000Z` as people read it. */
function utc(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 23)}`;
}

function subjectOf({ asked, found_as: kinds }: AuditView): string {
  const what = kinds.map((kind) => kind.replace('_', ' ')).join(' and ');
  const id = asked.id === undefined ? 'all entries' : `${what} ${asked.id}`;
  const from = asked.from === undefined ? '' : ` from ${asked.from}`;
  const to = asked.to === undefined ? '' : ` to ${asked.to}`;
  return `${id}${from}${to}`;
}

function verdictOf({ counts, entries }: AuditView): string {
  const bad = counts.wrong + counts.unproved;
  if (bad > 0) {
    return `${bad} of ${entries.length} entries are not proved. The entries say which, and why.`;
  }
  const waiting =
    counts.waiting === 0
      ? ''
      : ` ${counts.waiting} of them are unchanged, but younger than the last checkpoint.`;
  return (
    `${counts.proved} of ${entries.length} entries are proved: unchanged since they were written, ` +
    `and in the chain that a signed checkpoint covers.${waiting}`
  );
}

function factsOf(row: AuditRow): string[] {
  const ids = [
    ['operation', row.operation_id],
    ['interaction', row.interaction_id],
    ['subscription', row.subscription_id],
    ['gateway transaction', row.gateway_transaction_id],
    ...Object.entries(row.facts),
  ] as const;
  return ids
    .filter(([, value]) => value !== '' && value !== row.resource)
    .map(([name, value]) => html`<span>${name.replaceAll('_', ' ')} <b>${value}</b></span> `);
}

function entryOf(row: AuditRow): string {
  const { proof } = row;
  return html`<tbody class="${proof.state}">
    <tr>
      <td class="number">${row.seq === null ? 'new' : row.seq}</td>
      <td>${utc(row.at)}</td>
      <td>${row.actor}<br />from ${row.origin}</td>
      <td>${row.text}<br /><code>${row.action}</code></td>
      <td>${row.resource}</td>
      <td>${row.result}</td>
      <td><b>${proof.word}</b></td>
    </tr>
    <tr class="more">
      <td></td>
      <td colspan="6">
        <p>${factsOf(row)}</p>
        <p>${proof.sentence}</p>
        <p class="hash">entry ${row.entry_hash}</p>
        <p class="hash">chain ${row.chain_hash === '' ? 'none yet' : row.chain_hash}</p>
      </td>
    </tr>
  </tbody>`;
}

function checkpointsOf({ entries }: AuditView): string[] {
  const all = new Map(
    entries.flatMap(({ proof: { checkpoint } }) =>
      checkpoint === null ? [] : [[checkpoint.seq, checkpoint] as const],
    ),
  );
  return [...all.values()].map(
    ({ seq, at, key_id: key }) => html`<li>at entry ${seq}, of ${utc(at)}, signed with ${key}</li>`,
  );
}

/** The evidence for a person: who asked for what and when, each entry, and what proves it. */
export function printPage(view: AuditView, source: string): string {
  const subject = subjectOf(view);
  const running = `${subject}. Taken ${utc(view.taken_at)} UTC by ${view.taken_by}`;
  const covering = checkpointsOf(view);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Evidence: ${subject}</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/console/print.css" />
      </head>
      <body>
        <header>
          <h1>Evidence from the audit ledger</h1>
          <dl>
            <dt>What</dt>
            <dd>${subject}</dd>
            <dt>When</dt>
            <dd>${utc(view.taken_at)} UTC</dd>
            <dt>By whom</dt>
            <dd>${view.taken_by}</dd>
            <dt>From</dt>
            <dd>${source}</dd>
          </dl>
          <p class="verdict ${view.counts.wrong + view.counts.unproved > 0 ? 'wrong' : 'proved'}">
            ${verdictOf(view)}
          </p>
        </header>
        <main>
          <h2>Entries</h2>
          <div class="wide" role="group" aria-label="Entries" tabindex="0">
            <table>
              <thead>
                <tr class="running">
                  <td colspan="7">${running}</td>
                </tr>
                <tr>
                  <th scope="col">Place</th>
                  <th scope="col">When (UTC)</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">On what</th>
                  <th scope="col">Result</th>
                  <th scope="col">Proof</th>
                </tr>
              </thead>
              ${view.entries.map(entryOf)}
            </table>
          </div>
          <h2>Checkpoints that cover them</h2>
          <ul>
            ${covering.length === 0 ? ['<li>none yet</li>'] : covering}
          </ul>
          <h2>How this is checked without trusting this page</h2>
          <p>
            Take the evidence pack of the same question, and check it on any machine, without a
            connection, with the public key of the ledger that you got another way:
          </p>
          <p>
            <code>tokenline audit verify --file evidence.json --public-key ledger.pub.pem</code>
          </p>
        </main>
      </body>
    </html> `;
}
