import { newId, type Randomness } from '../system/randomness.ts';
import type { Clock } from '../system/clock.ts';

/** Agents of the make-believe contact centre. Their ids are UUIDs, as Genesys' are. */
export const AGENTS = [
  { id: '3f1c7c52-6a0e-4b8d-9e55-ab12cd34ef56', name: 'Ana Agent' },
  { id: '8e2d9b14-1f3c-4a77-b0c9-cd56ef12ab34', name: 'Ben Agent' },
] as const;

export type Attributes = Readonly<Record<string, string>>;

/** The names of Genesys' `Participant`, as far as anybody here asks for them. */
export interface Participant {
  readonly id: string;
  readonly purpose: 'customer' | 'agent';
  readonly name: string;
  readonly userId?: string;
  readonly startTime: string;
  endTime?: string;
  attributes: Record<string, string>;
}

/** Genesys' `SecureSession`. */
export interface SecureSession {
  readonly id: string;
  readonly flow: { readonly id: string };
  readonly userData: string;
  readonly sourceParticipantId: string;
  readonly disconnect: boolean;
  state: string;
}

export interface Conversation {
  readonly id: string;
  readonly startTime: string;
  endTime?: string;
  readonly participants: Participant[];
  readonly secureSessions: SecureSession[];
}

/** What the line hears of a conversation whose caller it holds. */
export type ForLine =
  | { readonly kind: 'secure'; readonly flowId: string; readonly attributes: Attributes }
  | { readonly kind: 'over' };

/** No conversation of the sandbox is remembered for longer than this many later ones. */
const KEPT_MAX = 1_000;

/** Calls that are with an agent of the sandbox, in memory. */
export class Conversations {
  readonly #kept = new Map<string, Conversation>();
  readonly #waiting = new Map<string, (news: ForLine) => void>();
  /** What happened while the line was between two questions. */
  readonly #untold = new Map<string, ForLine[]>();
  readonly #clock: Clock;
  readonly #randomness: Randomness;

  constructor(clock: Clock, randomness: Randomness) {
    this.#clock = clock;
    this.#randomness = randomness;
  }

  find(id: string): Conversation | null {
    return this.#kept.get(id) ?? null;
  }

  clear(): void {
    for (const id of this.#kept.keys()) this.end(id);
    this.#kept.clear();
    this.#untold.clear();
  }

  /** A caller comes to the first of the agents; one who is there already keeps their place. */
  arrive(id: string, attributes: Attributes): Conversation {
    const known = this.#kept.get(id);
    if (known !== undefined && known.endTime === undefined) {
      Object.assign(callerOf(known)?.attributes ?? {}, attributes);
      return known;
    }
    const startTime = this.#now();
    const [agent] = AGENTS;
    const made: Conversation = {
      id,
      startTime,
      participants: [
        {
          id: this.#id(),
          purpose: 'customer',
          name: 'Caller',
          startTime,
          attributes: { ...attributes },
        },
        {
          id: this.#id(),
          purpose: 'agent',
          name: agent.name,
          userId: agent.id,
          startTime,
          attributes: {},
        },
      ],
      secureSessions: [],
    };
    this.#kept.set(id, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) {
      this.#kept.delete(oldest);
      this.#untold.delete(oldest);
    }
    return made;
  }

  /** The caller, or the agent, has hung up. */
  end(id: string): void {
    const known = this.#kept.get(id);
    if (known === undefined || known.endTime !== undefined) return;
    const endTime = this.#now();
    known.endTime = endTime;
    for (const participant of known.participants) participant.endTime ??= endTime;
    this.#tell(id, { kind: 'over' });
  }

  /** Sends the caller to a secure flow. */
  secure(
    known: Conversation,
    order: Pick<SecureSession, 'userData' | 'sourceParticipantId' | 'disconnect'>,
    flowId: string,
  ): SecureSession {
    const session = { id: this.#id(), flow: { id: flowId }, ...order, state: 'PENDING' };
    known.secureSessions.push(session);
    const attributes = { ...callerOf(known)?.attributes };
    this.#tell(known.id, { kind: 'secure', flowId, attributes });
    return session;
  }

  /** The secure flow has given the caller back. */
  back(known: Conversation, attributes: Attributes): void {
    Object.assign(callerOf(known)?.attributes ?? {}, attributes);
    for (const session of known.secureSessions) session.state = 'COMPLETED';
  }

  /**
   * What happens next to a caller whom the line holds.
   *
   * @param over ends the waiting: then it is `null`.
   */
  next(known: Conversation, over: AbortSignal): Promise<ForLine | null> {
    const untold = this.#untold.get(known.id)?.shift();
    if (untold !== undefined) return Promise.resolve(untold);
    if (known.endTime !== undefined) return Promise.resolve({ kind: 'over' });
    return new Promise((resolve) => {
      this.#waiting.set(known.id, resolve);
      over.addEventListener('abort', () => {
        if (this.#waiting.get(known.id) === resolve) this.#waiting.delete(known.id);
        resolve(null);
      });
    });
  }

  #tell(id: string, news: ForLine): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) this.#untold.set(id, [...(this.#untold.get(id) ?? []), news]);
    else waiting(news);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #id(): string {
    return newId('gc', this.#randomness);
  }
}

export function callerOf({ participants }: Conversation): Participant | null {
  return participants.find(({ purpose }) => purpose === 'customer') ?? null;
}
