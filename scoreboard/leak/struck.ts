import type { Answer } from '../../test/whole/http.ts';
import type { Mode, Turn } from '../process/fault-proxy.ts';

/** What was seen while a fault class was played once. */
export interface Seen {
  /** `null` where none came. */
  readonly answer: Answer | null;
  /** Card requests that arrived at the line to the gateway, and what was done to each. */
  readonly turns: readonly Turn[];
  /** True where another process has taken the tokenizer's place. */
  readonly replaced: boolean;
}

/** By what it is known that a fault struck. */
export interface Sign {
  /** In words, for a violation. */
  readonly words: string;
  readonly isIn: (seen: Seen) => boolean;
}

/** Status, and the code of a fault or the outcome with its error code; nothing that a caller chose. */
function labelOf(answer: Answer | null): string {
  if (answer === null) return 'that never came';
  const { code, error, outcome, error_code: errorCode } = answer.body;
  const words = code === undefined ? [error ?? outcome, errorCode] : [code];
  return [answer.status, ...words].filter((word) => word !== undefined && word !== '').join(' ');
}

/** An answer such as `400 bad_request` or `200 declined expired_card`; any of these. */
export function said(...labels: readonly string[]): Sign {
  return {
    words: `the answer ${labels.join(' or ')}`,
    isIn: ({ answer }) => labels.includes(labelOf(answer)),
  };
}

/** The proxy on the line to the gateway did this to a card request. */
export function done(kind: Mode['kind']): Sign {
  return {
    words: `${kind} of a card request`,
    isIn: ({ turns }) => turns.some(({ mode }) => mode.kind === kind),
  };
}

/** So many card requests arrived at the line to the gateway, or more; 0 is none at all. */
export function asked(times: number): Sign {
  return {
    words: times === 0 ? 'no card request' : `${times} or more card requests`,
    isIn: ({ turns }) => (times === 0 ? turns.length === 0 : turns.length >= times),
  };
}

export const REPLACED: Sign = {
  words: 'another process in its place',
  isIn: ({ replaced }) => replaced,
};

export function all(...signs: readonly Sign[]): Sign {
  return {
    words: signs.map(({ words }) => words).join(', with '),
    isIn: (seen) => signs.every(({ isIn }) => isIn(seen)),
  };
}

export function either(...signs: readonly Sign[]): Sign {
  return {
    words: signs.map(({ words }) => words).join(', or '),
    isIn: (seen) => signs.some(({ isIn }) => isIn(seen)),
  };
}

/** @returns `null` where the fault struck every time, else what should have been seen and what was. */
export function unstruck(sign: Sign, seen: readonly Seen[]): string | null {
  const other = seen.find((one) => !sign.isIn(one));
  if (seen.length > 0 && other === undefined) return null;
  const kinds = other?.turns.map(({ mode }) => mode.kind).join(', ') || 'none';
  return `the fault did not strike: ${sign.words} should have been seen; seen were the answer ${labelOf(other?.answer ?? null)}, and card requests: ${kinds}`;
}
