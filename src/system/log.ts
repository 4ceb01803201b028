import type { Clock } from './clock.ts';
import { hasDigitRun, holdsCardNumber } from './digit-run.ts';

/**
 * The fields that may be logged, and nothing else: an allow-list, because hiding known paths leaks
 * (a deeper nesting, a message, an element of an array). Values are ids, words and numbers.
 */
export interface LogFields {
  readonly role?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly code?: string;
  readonly clientId?: string;
  readonly interactionId?: string;
  readonly operationId?: string;
  readonly subscriptionId?: string;
  readonly eventId?: string;
  readonly kind?: string;
  readonly outcome?: string;
  readonly errorCode?: string;
  readonly gateway?: string;
  readonly gatewayStatus?: number;
  readonly latencyMs?: number;
  readonly durationMs?: number;
  readonly attempt?: number;
  readonly count?: number;
  readonly port?: number;
  readonly pid?: number;
  readonly signal?: string;
  /** The name of an error's class, never its message. */
  readonly error?: string;
  readonly at?: string;
}

export interface Log {
  /** One line of JSON. `event` is a fixed phrase with dots, such as `operation.finished`. */
  info(event: string, fields?: LogFields): void;
  /** Something that an operator has to look at. */
  alarm(event: string, fields?: LogFields): void;
}

/** The allow-list at run time; the compiler holds it equal to {@link LogFields}. */
const KINDS = {
  role: 'string',
  route: 'string',
  method: 'string',
  status: 'number',
  code: 'string',
  clientId: 'string',
  interactionId: 'string',
  operationId: 'string',
  subscriptionId: 'string',
  eventId: 'string',
  kind: 'string',
  outcome: 'string',
  errorCode: 'string',
  gateway: 'string',
  gatewayStatus: 'number',
  latencyMs: 'number',
  durationMs: 'number',
  attempt: 'number',
  count: 'number',
  port: 'number',
  pid: 'number',
  signal: 'string',
  error: 'string',
  at: 'string',
} as const satisfies { readonly [K in keyof Required<LogFields>]: NameOfType<LogFields[K]> };

type NameOfType<T> = Exclude<T, undefined> extends number ? 'number' : 'string';

/** No id and no word of ours is longer; a longer text is somebody's message. */
const TEXT_LENGTH_MAX = 128;

/** The shortest card numbers, some of Maestro, have 12 digits; no id of ours has such a run. */
const DIGIT_RUN_MIN = 12;

/**
 * A log of one process: a line of JSON for each event, with `at`, `level`, `role`, `event` and the
 * fields of the allow-list. `role` and `at` given as fields stand for the line's own.
 *
 * What is not on the list, of another type or too long is left out. A value with a run of 12 or more
 * digits, or with a card number in groups, is left out as well and reported by `log.value_withheld`, which names the field only.
 *
 * @param write takes one line without its end.
 */
export function openLog(role: string, write: (line: string) => void, clock: Clock): Log {
  function put(level: 'info' | 'alarm', event: string, fields: LogFields = {}): void {
    const { kept, withheld } = sift(fields);
    const named = looksLikeCard(event) ? null : event;
    if (named === null) withheld.push('event');
    const at = new Date(clock.now()).toISOString();
    if (named !== null) write(JSON.stringify({ at, level, role, event: named, ...kept }));
    for (const field of withheld) {
      write(JSON.stringify({ at, level: 'alarm', role, event: 'log.value_withheld', field }));
    }
  }
  return {
    info: (event, fields) => put('info', event, fields),
    alarm: (event, fields) => put('alarm', event, fields),
  };
}

/** The fields that may be written, and the names of those that hold something like a card. */
function sift(fields: LogFields): { kept: Record<string, string | number>; withheld: string[] } {
  const kept: Record<string, string | number> = {};
  const withheld: string[] = [];
  for (const [field, kind] of Object.entries(KINDS)) {
    const value = plain(Reflect.get(fields, field), kind);
    if (value === null) continue;
    if (looksLikeCard(String(value))) withheld.push(field);
    else kept[field] = value;
  }
  return { kept, withheld };
}

/** The value where it is of its type; `null` where there is nothing to write. */
function plain(value: unknown, kind: 'string' | 'number'): string | number | null {
  if (kind === 'string') {
    return typeof value === 'string' && value.length <= TEXT_LENGTH_MAX ? value : null;
  }
  // Microseconds are enough, and a double's own digits would look like a card number.
  const rounded = typeof value === 'number' ? Math.round(value * 1000) / 1000 : Number.NaN;
  return Number.isFinite(rounded) ? rounded : null;
}

const looksLikeCard = (text: string): boolean =>
  hasDigitRun(text, DIGIT_RUN_MIN) || holdsCardNumber(text);
