import { EVERY_ENTRY as UNLIMITED, type LedgerFilter } from '../src/store/ledger.ts';

/** Asks for all of a ledger, as long as it has fewer than a million entries. */
export const EVERY_ENTRY: LedgerFilter = { ...UNLIMITED, limit: 1_000_000 };

/** All that have their place in the chain, in its order. */
export const EVERY_SEALED_ENTRY: LedgerFilter = { ...EVERY_ENTRY, afterSeq: 0 };
