import { fastify } from 'fastify';
import { serveAgent } from '../../src/api/agent/agent.ts';
import {
  BEN,
  Centre,
  runAgent,
  Visitor,
  type RunningAgent,
} from '../../test/api/agent/running-agent.ts';
import type { Violation } from '../board.ts';
import { WHO_MAY_AT_A_CALL, type AgentLeave } from './agent-table.ts';

const CALL = 'call-1';
const PAGE = { 'x-tokenline-console': '1' };

/** Somebody at the agent's page, and what the table makes of them. */
interface Agent {
  readonly name: string;
  readonly visitor: Visitor;
  readonly holds: readonly AgentLeave[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Every route that the page registers, as `METHOD /path`. */
async function registered({ settings, means }: RunningAgent): Promise<string[]> {
  const app = fastify();
  const lines: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    lines.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  serveAgent(app, settings, means);
  await app.ready();
  await app.close();
  return lines.filter((line) => !line.startsWith('HEAD '));
}

async function agents(running: RunningAgent): Promise<Agent[]> {
  const centre = new Centre(running);
  await centre.arrive(CALL);
  const fresh = (): Visitor => new Visitor(running);
  const ana = fresh();
  await ana.signIn(CALL);
  const foreign = fresh();
  await foreign.signIn(CALL);
  const ben = fresh();
  await ben.signIn(CALL, BEN.id);
  const forged = fresh();
  forged.session = `${ana.session.slice(0, -4)}AAAA`;
  forged.cookie = `${ana.cookie.slice(0, -4)}AAAA`;
  const swapped = fresh();
  swapped.session = ana.cookie.split('=')[1] ?? '';
  swapped.cookie = `tokenline-agent=${ana.session}`;
  await centre.arrive('call-2');
  const left = fresh();
  await left.signIn('call-2');
  await centre.hangUp('call-2');
  return [
    { name: 'nobody', visitor: fresh(), holds: ['own page'], headers: PAGE },
    { name: 'ana', visitor: ana, holds: ['own page', 'known', 'seated'], headers: PAGE },
    { name: 'ana from a foreign page', visitor: foreign, holds: ['seated'], headers: {} },
    { name: 'ben, of no conversation', visitor: ben, holds: ['own page'], headers: PAGE },
    { name: 'a forged session', visitor: forged, holds: ['own page'], headers: PAGE },
    { name: 'a cookie as a session', visitor: swapped, holds: ['own page'], headers: PAGE },
    { name: 'ana, whose call is over', visitor: left, holds: ['own page', 'known'], headers: PAGE },
  ];
}

/** A body that goes no further than the door: the code is nobody's, the plan is not there. */
function bodyOf(path: string): unknown {
  if (path.endsWith('/sign-in')) {
    return { interaction_id: CALL, code: 'nobody-s', verifier: 'v'.repeat(43) };
  }
  if (path.endsWith('/open')) return { interaction_id: CALL };
  const order = { purpose: 'subscribe', customer_id: 'board', plan_id: 'no_such_plan' };
  return path.endsWith('/entry') ? { order } : {};
}

async function knock({ base }: RunningAgent, agent: Agent, line: string): Promise<number> {
  const [method = '', path = ''] = line.split(' ');
  const { visitor, headers } = agent;
  if (method === 'POST') {
    const kept = visitor.cookie;
    const response = await visitor.tell(path.replace('/agent/api/', ''), bodyOf(path), headers);
    // Signing out ends what the next request is to be judged by.
    visitor.cookie = kept;
    return response.status;
  }
  const response = await fetch(`${base}${path.replace('*', 'icon.svg')}`, {
    headers: { authorization: `Bearer ${visitor.session}` },
  });
  // A stream that is let in does not end by itself.
  await response.body?.cancel();
  return response.status;
}

/** What is wrong with an answer; `null` where nothing is. */
function wrong(line: string, leave: AgentLeave, agent: Agent, status: number): string | null {
  const changes = line.startsWith('POST ');
  const foreign = changes && !agent.holds.includes('own page');
  const passes = leave === 'anyone' || (agent.holds.includes(leave) && !foreign);
  const refused = status === 401 || status === 403;
  // Whoever signs in shows a code that is nobody's.
  const expected = line === 'POST /agent/api/sign-in' || !passes;
  if (refused === expected) return null;
  return refused ? `${status}, and may pass` : `${status} instead of a refusal`;
}

/**
 * Every route of the agent's page, asked for by nobody, by agents in and out of the call, and by those who
 * show what is worth nothing.
 *
 * @returns how many requests were made.
 */
export async function agentCells(violations: Violation[]): Promise<number> {
  const ends: (() => unknown)[] = [];
  try {
    const running = await runAgent({ after: (end) => void ends.push(end) });
    const told = (what: string): void =>
      void violations.push({ promise: 'PCI 7.2', what: `agent ${what}`, replay: '' });
    const routes = new Set(await registered(running));
    for (const line of routes) {
      if (!(line in WHO_MAY_AT_A_CALL)) told(`${line}: nobody has said who may`);
    }
    const all = await agents(running);
    let cells = 0;
    for (const [line, leave] of Object.entries(WHO_MAY_AT_A_CALL)) {
      if (!routes.has(line)) told(`${line}: there is no such route`);
      for (const agent of all) {
        const what = wrong(line, leave, agent, await knock(running, agent, line));
        cells += 1;
        if (what !== null) told(`${line}|${agent.name}: ${what}`);
      }
    }
    return cells;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
