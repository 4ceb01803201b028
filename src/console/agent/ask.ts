import type { AgentSession } from '../../contract/agent.ts';
import { answerOf, OWN_PAGE, piecesOf } from '../desk/ask.ts';

/** In this page's memory and nowhere else: another page of the agent's opens with a session of its own. */
let session = '';

export function keepSession(opened: AgentSession): void {
  session = opened.session;
}

function bearer(): Readonly<Record<string, string>> {
  return session === '' ? {} : { authorization: `Bearer ${session}` };
}

/** Asks the bridge. @throws {Refused} @throws TypeError where it cannot be reached. */
export async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`/agent/api/${path}`, { headers: bearer() });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
  return (await answerOf(response)) as T;
}

/** Asks the bridge to do something. @throws {Refused} @throws TypeError as {@link ask}. */
export async function tell<T>(path: string, body: unknown = {}): Promise<T> {
  const response = await fetch(`/agent/api/${path}`, {
    method: 'POST',
    headers: { ...OWN_PAGE, ...bearer(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
  return (await answerOf(response)) as T;
}

/** An event of a stream: its name and its data. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

function eventOf(block: string): StreamEvent | null {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  return data === undefined ? null : { name: /^event: (.*)$/m.exec(block)?.[1] ?? 'message', data };
}

/**
 * Server-sent events over `fetch`: an EventSource cannot show the session, and an address that holds one
 * would end up in logs. It does not connect again by itself.
 *
 * @throws {Refused} @throws TypeError as {@link ask}.
 */
export async function* events(path: string): AsyncGenerator<StreamEvent, void, void> {
  const response = await fetch(`/agent/api/${path}`, { headers: bearer() });
  for await (const block of piecesOf(response, '\n\n')) {
    const event = eventOf(block);
    if (event !== null) yield event;
  }
}
