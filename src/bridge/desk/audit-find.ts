import { keysIn, type AuditEntry, type AuditPage } from '../../contract/audit-page.ts';
import {
  ID_KINDS,
  type AuditQuestion,
  type AuditRow,
  type AuditView,
  type EntryProof,
  type IdKind,
  type ProofState,
} from '../../contract/audit-view.ts';
import { checkProof, evidenceOf, evidenceText } from '../../contract/evidence.ts';
import { inWords } from '../../contract/ledger-words.ts';
import { Fault } from '../../payment/fault.ts';
import type { Finding, FindingKind } from '../../payment/ledger-check.ts';
import { idsOfCustomer, usesOfId } from '../../store/find.ts';
import { appendEntry } from '../../store/ledger.ts';
import { isoTime } from '../asked-time.ts';
import { assertNoCard, ledgerPage, type CheckpointKeys } from '../audit.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { ledgerEntry } from '../entry.ts';
import { CALLS_MAX, PAGE_MAX, storyOf, type Selectors, type Story } from '../story.ts';

/** The ledger of a bridge, with the public keys of its checkpoints. */
export interface AuditMeans {
  readonly bridge: Bridge;
  readonly keys: CheckpointKeys;
}

interface Found {
  readonly foundAs: readonly IdKind[];
  readonly story: Story;
}

/** What an id is of, and what to look for in the ledger. */
interface Roots {
  readonly foundAs: readonly IdKind[];
  readonly roots: readonly Selectors[];
  /** A customer has more than so many of something. */
  readonly cut: boolean;
}

async function rootsOf({ store }: Bridge, id: string): Promise<Roots> {
  const uses = await usesOfId(store, id);
  const { subscriptionIds, interactionIds } = uses.customer
    ? await idsOfCustomer(store, id, CALLS_MAX)
    : { subscriptionIds: [], interactionIds: [] };
  const found: Readonly<Record<IdKind, readonly Selectors[]>> = {
    gateway_transaction: uses.gatewayTransaction ? [{ gatewayTransactionId: id }] : [],
    interaction: uses.interaction ? [{ interactionId: id }] : [],
    subscription: uses.subscription ? [{ subscriptionId: id }] : [],
    operation: uses.operation ? [{ operationId: id }] : [],
    event: uses.eventOperationId === null ? [] : [{ operationId: uses.eventOperationId }],
    customer: [
      ...subscriptionIds.map((subscriptionId) => ({ subscriptionId })),
      ...interactionIds.map((interactionId) => ({ interactionId })),
    ],
  };
  const foundAs = ID_KINDS.filter((kind) => found[kind].length > 0);
  const cut = [subscriptionIds, interactionIds].some((ids) => ids.length === CALLS_MAX);
  return { foundAs, roots: foundAs.flatMap((kind) => found[kind]), cut };
}

function timeOf({ from, to }: AuditQuestion): Pick<Selectors, 'from' | 'to'> {
  const [begin, end] = [isoTime(from, 'from'), isoTime(to, 'to')];
  if (begin !== null && end !== null && begin >= end) {
    throw new Fault('bad_request', 'from has to be before to.');
  }
  return { ...(begin !== null && { from: begin }), ...(end !== null && { to: end }) };
}

async function find({ bridge, keys }: AuditMeans, question: AuditQuestion): Promise<Found> {
  const { id } = question;
  const time = timeOf(question);
  assertNoCard(Object.values(question));
  if (id === undefined && Object.keys(time).length === 0) {
    throw new Fault('bad_request', 'Give an id, or a time.');
  }
  const { foundAs, roots, cut }: Roots =
    id === undefined ? { foundAs: [], roots: [{}], cut: false } : await rootsOf(bridge, id);
  const select = (wanted: Selectors): Promise<AuditPage> =>
    ledgerPage(bridge, keys, { ...wanted, limit: PAGE_MAX });
  const [root, ...others] = roots.map((one) => ({ ...one, ...time }));
  // Nothing has this id: an answer without entries.
  const none = (): Promise<AuditPage> => ledgerPage(bridge, keys, { limit: 0 });
  const story = root ? await storyOf(select, [root, ...others]) : { ...(await none()), cut: false };
  return { foundAs, story: { ...story, cut: story.cut || cut } };
}

/** One entry for one question: who asked, for what, and how many entries they were shown. */
function note(
  { bridge }: AuditMeans,
  actor: Actor,
  action: string,
  question: AuditQuestion,
  found: Found,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { id, ...time } = question;
  const entry = ledgerEntry(bridge, actor, {
    action,
    result: 'success',
    resource: id ?? 'ledger',
    detail: {
      ...time,
      found_as: found.foundAs.join(' '),
      entries: String(found.story.entries.length),
      ...more,
    },
  });
  return appendEntry(bridge.store, entry);
}

/** Whose entry a finding is about: its own, or the one that has the place. */
function isAbout({ entryId, seq }: Finding, entry: AuditEntry): boolean {
  return entryId === entry.id || (entryId === null && entry.seq !== null && seq === entry.seq);
}

const WORDS: Readonly<Record<ProofState, string>> = {
  proved: 'Proved',
  waiting: 'Not covered yet',
  wrong: 'Changed',
  unproved: 'Cannot be proved',
};

/** Findings that say that an entry is not what was written. */
const TOUCHED: ReadonlySet<FindingKind> = new Set([
  'content_changed',
  'chain_broken',
  'checkpoint_differs',
]);

/** Findings that say that a checkpoint proves nothing. */
const UNSIGNED: ReadonlySet<FindingKind> = new Set(['signature_wrong', 'key_unknown']);

function proofOf(entry: AuditEntry, story: Story, findings: readonly Finding[]): EntryProof {
  const { seq } = entry;
  const cover = seq === null ? undefined : story.checkpoints.find((one) => one.seq >= seq);
  const checkpoint = cover ? { seq: cover.seq, at: cover.at, key_id: cover.key_id } : null;
  const about = findings.filter((finding) => isAbout(finding, entry));
  const wrong = about.find(({ kind }) => TOUCHED.has(kind));
  const unsigned = findings.find(({ kind, seq: at }) => UNSIGNED.has(kind) && at === cover?.seq);
  const is = (state: ProofState, sentence: string): EntryProof => {
    const whole = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
    return { state, word: WORDS[state], sentence: whole, checkpoint };
  };
  if (wrong) return is('wrong', wrong.sentence);
  if (cover === undefined) {
    const place =
      seq === null ? 'it has no place in the chain' : `no checkpoint covers place ${seq}`;
    return is('waiting', `unchanged, but ${place} yet: ask again in a minute`);
  }
  if (unsigned) return is('unproved', unsigned.sentence);
  if (about.length === 0) {
    return is(
      'proved',
      `unchanged, and in the chain that the checkpoint at entry ${cover.seq} covers`,
    );
  }
  return is(
    'unproved',
    `unchanged in itself, but the chain between it and the checkpoint at entry ${cover.seq} is broken`,
  );
}

function rowOf(entry: AuditEntry, story: Story, findings: readonly Finding[]): AuditRow {
  const { detail, ...rest } = entry;
  return {
    ...rest,
    text: inWords(entry),
    facts: detail,
    proof: proofOf(entry, story, findings),
  };
}

function viewOf(
  { bridge, keys }: AuditMeans,
  actor: Actor,
  question: AuditQuestion,
  { foundAs, story }: Found,
): AuditView {
  const { findings } = checkProof(story, keysIn({ public_keys: [...keys] }));
  const entries = story.entries.map((entry) => rowOf(entry, story, findings));
  const count = (state: ProofState): number =>
    entries.filter(({ proof }) => proof.state === state).length;
  return {
    asked: question,
    found_as: foundAs,
    taken_at: new Date(bridge.clock.now()).toISOString(),
    taken_by: actor.clientId,
    entries,
    counts: {
      proved: count('proved'),
      waiting: count('waiting'),
      wrong: count('wrong'),
      unproved: count('unproved'),
    },
    cut: story.cut,
    key_ids: keys.map(({ key_id: keyId }) => keyId),
  };
}

/** The auditor's question at the console. Asking is itself one entry (PCI DSS 10.2.1.3). */
export async function findAudit(
  means: AuditMeans,
  actor: Actor,
  question: AuditQuestion,
): Promise<AuditView> {
  const found = await find(means, question);
  await note(means, actor, 'audit.read', question, found);
  return viewOf(means, actor, question, found);
}

function assertWhole({ story }: Found): void {
  if (story.entries.length === 0) {
    throw new Fault('unknown_resource', 'The ledger has nothing about that.');
  }
  if (story.cut) {
    throw new Fault('bad_request', 'There is more than fits one file: narrow it with a time.');
  }
}

/** The evidence for printing. It is an export, and the ledger says so. */
export async function printAudit(
  means: AuditMeans,
  actor: Actor,
  question: AuditQuestion,
): Promise<AuditView> {
  const found = await find(means, question);
  assertWhole(found);
  await note(means, actor, 'audit.export', question, found, { form: 'page' });
  return viewOf(means, actor, question, found);
}

/**
 * The evidence pack, as `tokenline audit export` writes it and `tokenline audit verify --file` checks it.
 *
 * @param source address of this bridge.
 * @throws {Fault} where there is nothing, or more than one file holds.
 */
export async function exportAudit(
  means: AuditMeans,
  actor: Actor,
  question: AuditQuestion,
  source: string,
): Promise<string> {
  const found = await find(means, question);
  assertWhole(found);
  await note(means, actor, 'audit.export', question, found, { form: 'file' });
  const taking = {
    askedFor: question,
    source,
    takenAtMs: means.bridge.clock.now(),
    takenBy: actor.clientId,
  };
  return evidenceText(evidenceOf(found.story, taking));
}
