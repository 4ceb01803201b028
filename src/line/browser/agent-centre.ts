import type { HttpClient } from '../../system/http-client.ts';
import { sleep, type Clock } from '../../system/clock.ts';

/** What happens to a caller who is with an agent. */
export type AgentNews =
  | {
      readonly kind: 'secure';
      /** Participant attributes, as the agent's page has set them. */
      readonly attributes: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'over' };

/** Where a call goes that somebody takes: an agent's desktop, and the agent in front of it. */
export interface AgentCentre {
  /** The caller is with the agent. @returns the address of the agent's desktop; `null` for none. */
  arrive(
    conversationId: string,
    attributes: Readonly<Record<string, string>>,
  ): Promise<string | null>;
  /** Waits for what the agent does with the caller; ends where the caller has left. */
  next(conversationId: string): Promise<AgentNews>;
  /** The secure flow gives the caller back. */
  back(conversationId: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  /** The caller has hung up. */
  leave(conversationId: string): Promise<void>;
}

const PATH = '/__sandbox/genesys/conversations';
/** Longer than the sandbox holds a question about news. */
const ANSWER_MS_MAX = 30_000;

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(membersOf(value));
  return Object.fromEntries(entries.map(([name, member]) => [name, String(member)]));
}

/** The sandbox's make-believe contact centre. A centre that is away is like an agent who hangs up. */
export function openAgentCentre(http: HttpClient, origin: string, clock: Clock): AgentCentre {
  async function ask(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: object | null = null,
  ): Promise<Readonly<Record<string, unknown>> | null> {
    const over = new AbortController();
    const done = new AbortController();
    void sleep(clock, ANSWER_MS_MAX, done.signal).then(() => over.abort());
    const exchange = await http.exchange(
      {
        method,
        path: `${PATH}/${path}`,
        headers: { 'Content-Type': 'application/json' },
        body: body === null ? null : Buffer.from(JSON.stringify(body)),
      },
      over.signal,
    );
    done.abort();
    if (exchange.kind !== 'answered' || exchange.response.status >= 300) return null;
    const read: unknown = JSON.parse(Buffer.from(exchange.response.body).toString('utf8'));
    return membersOf(read);
  }

  return {
    async arrive(id, attributes) {
      const there = await ask('POST', id, { attributes });
      return there === null ? null : `${origin}/genesys/desktop?conversation=${id}`;
    },
    async next(id) {
      for (;;) {
        const news = await ask('GET', `${id}/news`);
        if (news === null || news['kind'] === 'over') return { kind: 'over' };
        if (news['kind'] === 'secure') {
          return { kind: 'secure', attributes: textsOf(news['attributes']) };
        }
      }
    },
    async back(id, attributes) {
      await ask('POST', `${id}/back`, { attributes });
    },
    async leave(id) {
      await ask('DELETE', id);
    },
  };
}
