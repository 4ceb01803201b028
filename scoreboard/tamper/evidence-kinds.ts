import type { EvidenceFile } from '../../src/contract/evidence.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = {
  entries: Writable<EvidenceFile['entries'][number]>[];
  links: Writable<EvidenceFile['links'][number]>[];
  checkpoints: Writable<EvidenceFile['checkpoints'][number]>[];
};

/** Something that is done to a file of `tokenline audit export`. */
export interface EvidenceKind {
  readonly name: string;
  /** @param at which of the entries. */
  apply(draft: Draft, at: number): void;
}

function pick<T>(list: readonly T[], at: number): T {
  const item = list[at % list.length];
  if (item === undefined) throw new Error('the evidence is empty');
  return item;
}

const FIELDS = [
  'id',
  'at',
  'actor',
  'action',
  'origin',
  'resource',
  'operation_id',
  'interaction_id',
  'subscription_id',
  'gateway_transaction_id',
  'entry_hash',
  'chain_hash',
] as const;

const entryEdits: EvidenceKind[] = FIELDS.map((field) => ({
  name: `exported entry edited: ${field}`,
  apply({ entries }, at) {
    const entry = pick(entries, at);
    entry[field] = `${entry[field]}x`;
  },
}));

/** The link that belongs to the entry. */
function linkOf({ entries, links }: Draft, at: number): Draft['links'][number] {
  const { seq } = pick(entries, at);
  const link = links.find((one) => one.seq === seq);
  if (link === undefined) throw new Error('the entry has no link');
  return link;
}

export const EVIDENCE_KINDS: readonly EvidenceKind[] = [
  ...entryEdits,
  {
    name: 'exported entry edited: result',
    apply({ entries }, at) {
      const entry = pick(entries, at);
      entry.result = entry.result === 'success' ? 'failure' : 'success';
    },
  },
  {
    name: 'exported entry edited: detail',
    apply({ entries }, at) {
      const entry = pick(entries, at);
      entry.detail = { ...entry.detail, raw_code: 'no' };
    },
  },
  {
    name: 'exported entry edited: place',
    apply({ entries }, at) {
      const entry = pick(entries, at);
      entry.seq = (entry.seq ?? 0) + 1;
    },
  },
  {
    name: 'exported link edited: hash of the entry',
    apply(draft, at) {
      const link = linkOf(draft, at);
      link.entry_hash = link.entry_hash.split('').toReversed().join('');
    },
  },
  {
    name: 'exported link edited: chain',
    apply(draft, at) {
      const link = linkOf(draft, at);
      link.chain_hash = link.chain_hash.split('').toReversed().join('');
    },
  },
  {
    name: 'exported link removed',
    apply(draft, at) {
      draft.links.splice(draft.links.indexOf(linkOf(draft, at)), 1);
    },
  },
  {
    name: 'exported checkpoints removed',
    apply(draft) {
      draft.checkpoints = [];
    },
  },
  {
    name: 'exported checkpoint edited: signature',
    apply({ checkpoints, entries }, at) {
      const { seq } = pick(entries, at);
      const covering = checkpoints.find((one) => one.seq >= (seq ?? 0));
      if (covering !== undefined)
        covering.signature = covering.signature.split('').toReversed().join('');
    },
  },
];
