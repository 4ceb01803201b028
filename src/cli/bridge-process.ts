import { systemClock } from '../system/clock.ts';
import { systemRandomness } from '../system/randomness.ts';
import { runAsChild } from './child-entry.ts';
import type { BridgeSettings } from './settings.ts';
import { startBridge } from './start-bridge.ts';

/** The child that is everything without card digits. */

/** The settings come from the parent, which has the same version and has validated them. */
function areSettings(value: unknown): value is BridgeSettings {
  return typeof value === 'object' && value !== null && 'api' in value && 'ledger' in value;
}

await runAsChild((value) => {
  if (!areSettings(value)) throw new Error('the settings of the bridge are not what it takes');
  return startBridge(value, {
    clock: systemClock,
    randomness: systemRandomness,
    write: (line) => void process.stdout.write(`${line}\n`),
  });
});
