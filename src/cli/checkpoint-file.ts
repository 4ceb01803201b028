import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Checkpoint } from '../payment/ledger.ts';
import { readText } from '../system/yaml-file.ts';
import { checkpointOf } from '../contract/audit-page.ts';
import { CHECKPOINT_FILE } from './data-dir.ts';
import { CommandFailed } from './exit.ts';

const ShippedCheckpoint = Type.Object({
  seq: Type.Integer({ minimum: 1 }),
  chain_hash: Type.String(),
  at: Type.String(),
  key_id: Type.String(),
  signature: Type.String(),
});

/** A checkpoint as a line of the shipped file, in the words of the HTTP contract. */
export function checkpointLine(checkpoint: Checkpoint): string {
  const { seq, chainHash: chain_hash, at, keyId: key_id, signature } = checkpoint;
  return `${JSON.stringify({ seq, chain_hash, at, key_id, signature })}\n`;
}

function isShipped(value: unknown): value is Static<typeof ShippedCheckpoint> {
  return Value.Check(ShippedCheckpoint, value);
}

/** @returns `null` where no file was named and none is in the data directory. */
export function shippedCheckpoints(
  file: string | null,
  data: string,
): { readonly checkpoints: readonly Checkpoint[]; readonly file: string } | null {
  const local = join(data, CHECKPOINT_FILE);
  const chosen = file ?? (existsSync(local) ? local : null);
  if (chosen === null) return null;
  const lines = readText(chosen).split('\n');
  const checkpoints = lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const value = parsed(line);
    if (isShipped(value)) return [checkpointOf(value)];
    throw new CommandFailed(`${chosen}:${index + 1}: this line is no checkpoint`);
  });
  return { checkpoints, file: chosen };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
