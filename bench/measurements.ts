import { calls } from './calls.ts';
import { interpreter } from './interpreter.ts';
import { ledger } from './ledger.ts';
import type { Measurement } from './measurement.ts';
import { memory } from './memory.ts';
import { scaling } from './scaling.ts';
import { startUp } from './start-up.ts';
import { throughput } from './throughput.ts';

/** Every measurement, in the order of the page. */
export const MEASUREMENTS: readonly Measurement[] = [
  throughput,
  scaling,
  memory,
  startUp,
  ledger,
  calls,
  interpreter,
];
