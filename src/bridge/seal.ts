import { checkpointText, type Checkpoint } from '../payment/ledger.ts';
import { insertCheckpoint, lastCheckpointSeq, sealEntries } from '../store/ledger.ts';
import { UniqueViolation } from '../store/store.ts';
import type { Bridge } from './bridge.ts';

/** Signs checkpoints and takes them out of the database's reach. */
export interface Sealing {
  readonly keyId: string;
  /** Ed25519 over a text, base64url. */
  sign(text: string): string;
  /**
   * Ships a checkpoint elsewhere (a file, another host). Only a copy that the database's owner cannot
   * change shows that the end of the chain was cut off.
   */
  ship(checkpoint: Checkpoint): Promise<void>;
  readonly checkpointEveryMs: number;
}

/** What the sealer remembers between its rounds. */
export interface SealState {
  checkpointedSeq: number | null;
  checkpointedAtMs: number;
}

/** Entries of one transaction. */
export const SEAL_BATCH = 1_000;

/**
 * Gives waiting entries their place in the chain, and signs a checkpoint where one is due.
 *
 * @returns how many entries were sealed.
 */
export async function sealDue(bridge: Bridge, sealing: Sealing, state: SealState): Promise<number> {
  const { store, clock, log } = bridge;
  state.checkpointedSeq ??= await lastCheckpointSeq(store);
  let sealed = 0;
  try {
    const result = await sealEntries(store, SEAL_BATCH);
    sealed = result.sealed;
    for (const id of result.broken) log.alarm('ledger.entry_broken', { eventId: id });
    const nowMs = clock.now();
    const moved = result.head.seq > state.checkpointedSeq;
    if (moved && nowMs - state.checkpointedAtMs >= sealing.checkpointEveryMs) {
      await checkpoint(bridge, sealing, result.head);
      state.checkpointedSeq = result.head.seq;
      state.checkpointedAtMs = nowMs;
    }
  } catch (error) {
    // Another replica sealed the same entries first: they are sealed, which is all that matters.
    if (!(error instanceof UniqueViolation)) throw error;
  }
  return sealed;
}

async function checkpoint(
  bridge: Bridge,
  sealing: Sealing,
  head: { readonly seq: number; readonly chainHash: string },
): Promise<void> {
  const at = new Date(bridge.clock.now()).toISOString();
  const unsigned = { seq: head.seq, chainHash: head.chainHash, at, keyId: sealing.keyId };
  const signed = { ...unsigned, signature: sealing.sign(checkpointText(unsigned)) };
  // First out of reach, then into the books: who dies in between ships it again, not never.
  await sealing.ship(signed);
  await insertCheckpoint(bridge.store, signed);
}
