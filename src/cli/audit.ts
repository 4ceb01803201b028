import { writeFileSync } from 'node:fs';
import type { Selectors } from '../bridge/story.ts';
import { evidenceOf, evidenceText } from '../contract/evidence.ts';
import type { Clock } from '../system/clock.ts';
import { SANDBOX_CLIENTS } from '../system/config-defaults.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../system/config-env.ts';
import type { Environment } from '../system/config.ts';
import { readText } from '../system/yaml-file.ts';
import type { Finding } from '../payment/ledger-check.ts';
import { storyOf } from './audit-query.ts';
import { timeline } from './audit-story.ts';
import { trustedKeys, verifyFile, verifyLedger } from './audit-verify.ts';
import { openBridgeClient, type BridgeClient } from './bridge-client.ts';
import { shippedCheckpoints } from './checkpoint-file.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What every audit command works with. */
export interface AuditMeans {
  readonly clock: Clock;
  readonly env: Environment;
  readonly terminal: Terminal;
  /** Of the configuration, for keys and checkpoints on this machine. */
  readonly data: string;
}

export interface Connection {
  /** Address of the bridge. */
  readonly url: string;
  /** PEM file of a private authority. */
  readonly ca?: string;
}

/** The auditor's client; without variables, the sandbox's. */
async function withClient<T>(
  means: AuditMeans,
  connection: Connection,
  work: (client: BridgeClient) => Promise<T>,
): Promise<T> {
  const auditor = SANDBOX_CLIENTS.find((client) => client.scopes.some((s) => s === 'auditor'));
  const client = openBridgeClient(
    {
      url: connection.url,
      clientId: (means.env[CLIENT_ID] ?? '') || (auditor?.id ?? ''),
      clientSecret: (means.env[CLIENT_SECRET] ?? '') || (auditor?.secret ?? ''),
      ca: connection.ca === undefined ? null : readText(connection.ca),
    },
    means.clock,
  );
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

function demandSelector(selectors: Selectors): void {
  if (Object.values(selectors).some((value) => value !== undefined)) return;
  throw new CommandFailed(
    'Say what to look for: --gateway-transaction-id, --interaction-id, --subscription-id, ' +
      '--operation-id, --from or --to.',
    EXIT.usage,
  );
}

export async function auditFind(
  means: AuditMeans,
  connection: Connection,
  selectors: Selectors,
  asJson: boolean,
): Promise<number> {
  demandSelector(selectors);
  const { out, note, paint } = means.terminal;
  const story = await withClient(means, connection, (client) => storyOf(client, selectors));
  if (asJson) {
    out(JSON.stringify(story.entries, null, 2));
  } else if (story.entries.length > 0) {
    for (const line of timeline(story.entries, paint)) out(line);
    out('');
    out(`${story.entries.length} entries. "tokenline audit export" writes them with their proof.`);
  }
  if (story.cut) note('There is more than fits one answer: narrow it with --from and --to.');
  if (story.entries.length > 0) return EXIT.ok;
  note('The ledger has nothing about that.');
  return EXIT.failed;
}

export async function auditExport(
  means: AuditMeans,
  connection: Connection,
  selectors: Selectors,
  file: string,
): Promise<number> {
  demandSelector(selectors);
  const { out, note } = means.terminal;
  const story = await withClient(means, connection, (client) => storyOf(client, selectors));
  if (story.cut) {
    throw new CommandFailed('There is more than fits one file: narrow it with --from and --to.');
  }
  if (story.entries.length === 0) throw new CommandFailed('The ledger has nothing about that.');
  const taking = {
    askedFor: selectors,
    source: connection.url,
    takenAtMs: means.clock.now(),
  };
  const text = evidenceText(evidenceOf(story, taking));
  if (file === '-') {
    out(text.trimEnd());
  } else {
    writeFileSync(file, text, { mode: 0o600 });
    out(`${file}: ${story.entries.length} entries. Check it anywhere, without a connection:`);
    out(`  tokenline audit verify --file ${file} --public-key ledger.pub.pem`);
  }
  const covered = Math.max(0, ...story.checkpoints.map((checkpoint) => checkpoint.seq));
  const young = story.entries.filter((entry) => entry.seq === null || entry.seq > covered).length;
  if (young > 0) {
    note(`${young} of them are younger than the last checkpoint: export again in a minute.`);
  }
  return EXIT.ok;
}

export interface VerifyOptions extends Connection {
  readonly file?: string;
  readonly publicKey: readonly string[];
  readonly checkpoints?: string;
}

export async function auditVerify(means: AuditMeans, options: VerifyOptions): Promise<number> {
  const { out, note, paint } = means.terminal;
  const trust = trustedKeys(options.publicKey, means.data);
  if (trust === null) {
    note(
      'No public key at hand: those of the bridge, or of the file, are used, which its owner could ' +
        'have changed as well. Name a key that you got another way with --public-key.',
    );
  }
  if (options.file !== undefined) {
    const { report, entries, takenAt } = verifyFile(options.file, trust);
    if (showFindings(report.findings, means)) return EXIT.failed;
    out(
      `${paint.green('ok')}: ${entries} entries, taken ${takenAt}, are unchanged and were in the`,
    );
    out(`ledger whose checkpoints are signed with ${trust?.said ?? 'the key in the file'}.`);
    return EXIT.ok;
  }
  const shipped = shippedCheckpoints(options.checkpoints ?? null, means.data);
  if (shipped === null) {
    note(
      'No shipped checkpoints at hand: that the end was cut off would not show (--checkpoints).',
    );
  }
  const report = await withClient(means, options, (client) =>
    verifyLedger(client, trust, shipped?.checkpoints ?? [], (rows) =>
      means.terminal.progress(`${rows} entries checked`),
    ),
  );
  means.terminal.progress(null);
  if (showFindings(report.findings, means)) return EXIT.failed;
  const { rows, checkpoints, coveredSeq, head } = report;
  const signer = trust?.said ?? 'the key of the bridge';
  out(`${paint.green('ok')}: ${rows} entries, each unchanged and following from the one before.`);
  out(`Signed checkpoints that hold: ${checkpoints}, checked with ${signer}.`);
  if (shipped !== null) out(`The checkpoints of ${shipped.file} agree.`);
  if (head.seq > coveredSeq) {
    out(`Entries that wait for the next checkpoint: ${head.seq - coveredSeq}.`);
  }
  return EXIT.ok;
}

/** @returns true where there is any. */
function showFindings(findings: readonly Finding[], { terminal }: AuditMeans): boolean {
  if (findings.length === 0) return false;
  const { out, paint } = terminal;
  out(
    `${paint.red('FAILED')}: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`,
  );
  for (const { kind, sentence } of findings) out(`  ${kind}: ${sentence}`);
  return true;
}
