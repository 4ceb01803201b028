/** What the sandbox can be told about. `*` stands for every operation of the gateway itself. */
export const OPERATIONS = [
  'tokenize',
  'verify',
  'subscribe',
  'charge',
  'open-page',
  'read-page',
  'close-page',
  'read',
  'cancel',
  'pause',
  'resume',
  'change-plan',
  'change-card',
  'lookup',
  'oauth',
  'billing',
  'directory',
] as const;
export type SandboxOperation = (typeof OPERATIONS)[number];

/** Not the gateway's operations: a `*` must not be used up by a request for a bearer. */
const BESIDE_THE_GATEWAY: ReadonlySet<string> = new Set(['oauth', 'billing', 'directory']);

/** How a request is treated. `after` means: it took effect, and then the answer went wrong. */
export type Behaviour =
  | { readonly kind: 'approve' }
  | { readonly kind: 'decline'; readonly word: string }
  | { readonly kind: 'status'; readonly status: number; readonly after: boolean }
  | { readonly kind: 'retry-after'; readonly seconds: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hang'; readonly after: boolean }
  | { readonly kind: 'reset'; readonly after: boolean }
  | { readonly kind: 'malformed'; readonly after: boolean }
  | { readonly kind: 'cut' }
  | { readonly kind: 'oversized' }
  | { readonly kind: 'wrong-shape' }
  | { readonly kind: 'pending'; readonly ms: number; readonly word: string | null }
  | { readonly kind: 'late-commit'; readonly ms: number }
  | { readonly kind: 'hidden'; readonly ms: number };

/** What stands in a script, with what it does; the text of `GET /` and of error messages. */
export const BEHAVIOURS: Readonly<Record<string, string>> = {
  approve: 'as if there were no script',
  'decline:<Word>': '402 with that error_code',
  'status:<n>': 'that status, no effect',
  'status:<n>-after-commit': 'it takes effect, then that status',
  'retry-after:<s>': '429 with Retry-After, no effect',
  'delay:<ms>': 'takes effect and answers that much later',
  hang: 'never answers, no effect',
  'hang-after-commit': 'takes effect, never answers',
  'reset-before': 'socket destroyed, no effect',
  'reset-after': 'takes effect, then the socket is destroyed',
  malformed: 'takes effect, 200 with broken JSON',
  'malformed-before': '200 with broken JSON, no effect',
  cut: 'takes effect, the socket is destroyed in the middle of the answer',
  oversized: 'takes effect, an answer of 8 MiB',
  'wrong-shape': 'takes effect, 200 with JSON that has no id',
  pending: '202, final after one second, then a signed event to the bridge',
  'pending:<ms>': 'the same after that time',
  'pending:<ms>:decline:<Word>': 'the same, and it becomes a decline',
  'late-commit:<ms>': 'socket destroyed at once, takes effect that much later',
  'hidden:<ms>': 'takes effect, socket destroyed, look-ups find nothing for that long',
};

const PENDING_MS = 1_000;

const PLAIN: Readonly<Record<string, Behaviour>> = {
  approve: { kind: 'approve' },
  hang: { kind: 'hang', after: false },
  'hang-after-commit': { kind: 'hang', after: true },
  'reset-before': { kind: 'reset', after: false },
  'reset-after': { kind: 'reset', after: true },
  malformed: { kind: 'malformed', after: true },
  'malformed-before': { kind: 'malformed', after: false },
  cut: { kind: 'cut' },
  oversized: { kind: 'oversized' },
  'wrong-shape': { kind: 'wrong-shape' },
  pending: { kind: 'pending', ms: PENDING_MS, word: null },
};

type Reader = (match: RegExpExecArray) => Behaviour;

const PATTERNS: readonly (readonly [RegExp, Reader])[] = [
  [/^decline:([A-Za-z_]{1,64})$/, (m) => ({ kind: 'decline', word: m[1] ?? '' })],
  [
    /^status:([2-5]\d\d)(-after-commit)?$/,
    (m) => ({ kind: 'status', status: Number(m[1]), after: m[2] !== undefined }),
  ],
  [/^retry-after:(\d{1,6})$/, (m) => ({ kind: 'retry-after', seconds: Number(m[1]) })],
  [/^delay:(\d{1,6})$/, (m) => ({ kind: 'delay', ms: Number(m[1]) })],
  [/^late-commit:(\d{1,6})$/, (m) => ({ kind: 'late-commit', ms: Number(m[1]) })],
  [/^hidden:(\d{1,6})$/, (m) => ({ kind: 'hidden', ms: Number(m[1]) })],
  [
    /^pending:(\d{1,6})(?::decline:([A-Za-z_]{1,64}))?$/,
    (m) => ({ kind: 'pending', ms: Number(m[1]), word: m[2] ?? null }),
  ],
];

function behaviourOf(text: string): Behaviour | null {
  if (Object.hasOwn(PLAIN, text)) return PLAIN[text] ?? null;
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(text);
    if (match) return read(match);
  }
  return null;
}

interface Entry {
  readonly operation: SandboxOperation | '*';
  /** The call that it is for; `null` is for any. */
  readonly interactionId: string | null;
  readonly behave: string;
  readonly behaviour: Behaviour;
}

/** What an entry may hold. */
const MEMBERS: ReadonlySet<string> = new Set(['operation', 'behave', 'interaction_id']);

function entryOf(entry: unknown, place: number): Entry | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return `entry ${place} is no object; write {"operation":"tokenize","behave":"approve"}`;
  }
  const members: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(entry));
  const extra = Object.keys(members).filter((key) => !MEMBERS.has(key));
  if (extra.length > 0) return `entry ${place} has members that are not known: ${extra.join(', ')}`;
  const named = members['operation'];
  const operation = named === '*' ? '*' : OPERATIONS.find((known) => known === named);
  if (operation === undefined) {
    return `entry ${place}: operation ${JSON.stringify(named)} is not known; one of ${OPERATIONS.join(', ')}, *`;
  }
  const interactionId = members['interaction_id'] ?? null;
  if (interactionId !== null && typeof interactionId !== 'string') {
    return `entry ${place}: interaction_id is no text`;
  }
  const behave = members['behave'];
  const behaviour = typeof behave === 'string' ? behaviourOf(behave) : null;
  if (typeof behave !== 'string' || behaviour === null) {
    const known = Object.keys(BEHAVIOURS).join(', ');
    return `entry ${place}: behave ${JSON.stringify(behave)} is not known; one of ${known}`;
  }
  return { operation, interactionId, behave, behaviour };
}

/** What the sandbox has been told: every entry is used once, in order, and then all is approved. */
export class Script {
  readonly #entries: Entry[] = [];

  /** Adds entries behind those that are left. @returns what is wrong, or `null`. */
  add(document: unknown): string | null {
    if (!Array.isArray(document)) {
      return 'a script is an array such as [{"operation":"tokenize","behave":"status:503"}]';
    }
    const entries = document.map((entry: unknown, index) => entryOf(entry, index + 1));
    const wrong = entries.find((entry) => typeof entry === 'string');
    if (wrong !== undefined) return wrong;
    this.#entries.push(...entries.filter((entry) => typeof entry !== 'string'));
    return null;
  }

  /**
   * The behaviour for a request; uses its entry up.
   *
   * @param interactionId of the call that it belongs to; empty where it names none.
   */
  take(operation: SandboxOperation, interactionId = ''): Behaviour {
    const index = this.#entries.findIndex(
      (entry) =>
        (entry.interactionId === null || entry.interactionId === interactionId) &&
        (entry.operation === operation ||
          (entry.operation === '*' && !BESIDE_THE_GATEWAY.has(operation))),
    );
    if (index === -1) return { kind: 'approve' };
    return this.#entries.splice(index, 1)[0]?.behaviour ?? { kind: 'approve' };
  }

  left(): readonly { operation: string; behave: string; interaction_id?: string }[] {
    return this.#entries.map(({ operation, behave, interactionId }) => ({
      operation,
      behave,
      ...(interactionId === null ? {} : { interaction_id: interactionId }),
    }));
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
