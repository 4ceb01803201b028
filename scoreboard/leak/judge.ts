import type { Violation } from '../board.ts';
import type { Form } from './encodings.ts';
import type { Find } from './looking.ts';
import type { Looked } from './sinks.ts';

export interface Judged {
  readonly violations: readonly Violation[];
  /** Planted forms that were found, by sink and encoding. */
  readonly controls: string;
  readonly strays: number;
}

const IN_MEMORY: ReadonlySet<string> = new Set(['memory', 'core file']);

/** A stray card may be in the memory of the process that it was sent to, and nowhere else. */
function isWhereItWasSent({ sink, where, canary }: Find): boolean {
  if (canary.kind !== 'stray' || canary.to === null || !IN_MEMORY.has(sink)) return false;
  return where === canary.to || where.startsWith(`${canary.to}, `);
}

export function judge(
  looked: readonly Looked[],
  finds: readonly Find[],
  forms: readonly Form[],
): Judged {
  const violations: Violation[] = [];
  const strays = new Set<string>();
  const controls = new Set<string>();
  for (const find of finds) {
    const { sink, where, encoding, canary } = find;
    if (canary.kind === 'planted') controls.add(`${sink}|${encoding}`);
    else if (isWhereItWasSent(find)) strays.add(canary.digits);
    else {
      const what = `${canary.way}: a card that ends in ${canary.digits.slice(-4)} is in ${sink} (${where}), ${encoding}`;
      violations.push({ promise: 'I8', what, replay: canary.way });
    }
  }
  let wanted = 0;
  for (const { sink, carries, missed } of looked) {
    if (missed !== null) continue;
    const carried = forms.filter(({ isText }) => isText || carries === 'bytes');
    for (const encoding of new Set(carried.map((form) => form.encoding))) {
      wanted += 1;
      if (controls.has(`${sink}|${encoding}`)) continue;
      const what = `planted digits were not found in ${sink}, ${encoding}: what is there would not be seen`;
      violations.push({ promise: 'control', what, replay: '' });
    }
  }
  return { violations, controls: `${controls.size} of ${wanted}`, strays: strays.size };
}
