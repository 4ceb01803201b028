import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { BUSINESS } from './gateway/business.ts';
import { FaultyLine } from './gateway/faulty-line.ts';
import { FAULTS } from './gateway/faults.ts';
import { FINDING, noDigitLeft } from './gateway/finding.ts';
import { Rig, type GatewayBench } from './gateway/rig.ts';

export type { DoubleStep, GatewayBench, GatewaySides } from './gateway/rig.ts';

const TESTS = { ...BUSINESS, ...FAULTS, ...FINDING };

/** The title of a test of the suite. */
export type ConformanceTest = keyof typeof TESTS;

export interface ConformanceOptions {
  /** What this gateway truly cannot do, and why: the reason is printed. */
  readonly skip: readonly { readonly test: ConformanceTest; readonly reason: string }[];
}

/**
 * The contract of `gateway/gateway.ts` and `gateway/tokenize.ts` as a suite: an adapter that passes
 * it may be connected. It drives both sides together against a double of the gateway on loopback,
 * over a line of its own that loses and breaks answers. The last test searches everything that was
 * sent, answered and printed for the digits of the card.
 *
 * @param make starts the double.
 */
export function gatewayConformance(
  name: string,
  make: () => Promise<GatewayBench>,
  options: ConformanceOptions,
): void {
  describe(`gateway conformance: ${name}`, () => {
    let rig: Rig;
    const printed = new Printed();

    before(async () => {
      const bench = await make();
      const line = await FaultyLine.open(bench.origin, (path) => bench.isCredential(path));
      rig = new Rig(bench, line, bench.open(line.origin));
      printed.listen();
    });
    beforeEach(async () => {
      rig.line.mend();
      await rig.bench.reset();
    });
    after(async () => {
      printed.stop();
      await rig.sides.http.close();
      await rig.line.close();
      await rig.bench.close();
    });

    for (const [title, run] of Object.entries(TESTS)) {
      const skip = options.skip.find((skipped) => skipped.test === title)?.reason ?? false;
      test(title, { skip }, () => run(rig));
    }
    test('no card digit is anywhere but in the one body that carries it', () => {
      noDigitLeft(rig, printed.text());
      assert.ok(rig.replies.length > 0);
    });
  });
}

/** Listens to what the process prints, and lets it through. */
class Printed {
  readonly #chunks: string[] = [];
  readonly #restore: (() => void)[] = [];

  listen(): void {
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
      stream.write = (...given: unknown[]) => {
        this.#chunks.push(String(given[0]));
        return write(...given);
      };
      this.#restore.push(() => {
        stream.write = write;
      });
    }
  }

  stop(): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  text(): string {
    return this.#chunks.join('');
  }
}
