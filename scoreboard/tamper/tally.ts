import type { Violation } from '../board.ts';

/** Violations of one kind that are told one by one. */
const TOLD_MAX = 5;

/** What was done to the ledger, and how much of it was seen. */
export class Tally {
  readonly violations: Violation[] = [];
  readonly kinds = new Set<string>();
  tampered = 0;
  detected = 0;
  named = 0;
  /** Copies that nobody touched. */
  controls = 0;
  readonly #told = new Map<string, number>();

  one(kind: string, place: number, isDetected: boolean, isNamed: boolean): void {
    this.kinds.add(kind);
    this.tampered += 1;
    if (isDetected) this.detected += 1;
    if (isNamed) this.named += 1;
    else this.#wrong(kind, `${isDetected ? 'not named' : 'not detected'}: ${kind}, entry ${place}`);
  }

  untouched(what: string, isGood: boolean): void {
    this.controls += 1;
    if (!isGood) this.#wrong(what, `an untouched ${what} does not verify`);
  }

  /** A row is said to be wrong that nobody has touched. */
  accused(kind: string, place: number): void {
    this.#wrong(kind, `${kind}: entry ${place} is named, which nobody has touched`);
  }

  #wrong(kind: string, what: string): void {
    const told = this.#told.get(kind) ?? 0;
    this.#told.set(kind, told + 1);
    if (told < TOLD_MAX) this.violations.push({ promise: 'I7', what, replay: kind });
  }
}
