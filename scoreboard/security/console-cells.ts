import { fastify } from 'fastify';
import { serveConsole } from '../../src/api/console/console.ts';
import type { ConsoleMeans } from '../../src/api/console/console.ts';
import { PEOPLE } from '../../src/sandbox/people.ts';
import type { Browser } from '../../test/api/console/browser.ts';
import { runConsole, type RunningConsole } from '../../test/api/console/running-console.ts';
import type { Violation } from '../board.ts';
import { PEOPLE_HOLD, WHO_MAY_IN_THE_CONSOLE, type ConsoleLeave } from './console-table.ts';

const SESSION = 'tokenline-session';

/** Somebody at the console, and what the table makes of them. */
interface Visitor {
  readonly name: string;
  readonly browser: Browser;
  readonly holds: readonly ConsoleLeave[];
  /** Whether they are a page of the console, which shows a header. */
  readonly page: boolean;
}

/** Every route that the console registers, as `METHOD /path`. */
async function registered({ settings, means }: RunningConsole): Promise<string[]> {
  const app = fastify();
  const lines: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    lines.push(...[method].flat().map((one) => `${one} ${url}`));
  });
  serveConsole(app, settings, means satisfies ConsoleMeans);
  await app.ready();
  await app.close();
  // Fastify answers HEAD where it answers GET, by the same handler.
  return lines.filter((line) => !line.startsWith('HEAD '));
}

async function visitors(running: RunningConsole): Promise<Visitor[]> {
  const { newBrowser } = running;
  const all: Visitor[] = [{ name: 'nobody', browser: newBrowser(), holds: [], page: true }];
  for (const { id } of PEOPLE) {
    const browser = newBrowser();
    await browser.signIn(id);
    all.push({ name: id, browser, holds: PEOPLE_HOLD[id] ?? [], page: true });
  }
  const foreign = newBrowser();
  await foreign.signIn('ada');
  const holds = PEOPLE_HOLD['ada'] ?? [];
  all.push({
    name: 'a right cookie without the page’s header',
    browser: foreign,
    holds,
    page: false,
  });
  const over = newBrowser();
  await over.signIn('ada');
  const cookie = over.cookies().get(SESSION) ?? '';
  await over.tell('/console/api/sign-out');
  over.cookies().set(SESSION, cookie);
  all.push({ name: 'a session that is over', browser: over, holds: [], page: true });
  const forged = newBrowser();
  forged.cookies().set(SESSION, `${cookie.startsWith('A') ? 'B' : 'A'}${cookie.slice(1)}`);
  all.push({ name: 'a forged cookie', browser: forged, holds: [], page: true });
  return all;
}

/** What is wrong with an answer; `null` where nothing is. */
function wrong(line: string, leave: ConsoleLeave, visitor: Visitor, status: number): string | null {
  const changes = line.startsWith('POST ');
  if (line === 'GET /console/signed-in') {
    return status === 401 ? null : `${status} for somebody who has not been to the provider`;
  }
  const known = visitor.holds.includes('signed in');
  const passes = leave === 'anyone' || visitor.holds.includes(leave);
  const expected =
    leave !== 'anyone' && !known ? 401 : changes && !visitor.page ? 403 : passes ? null : 403;
  if (expected === null) return status === 401 || status === 403 ? `${status}, and may pass` : null;
  return status === expected ? null : `${status} instead of ${expected}`;
}

async function knock({ browser, page }: Visitor, line: string): Promise<number> {
  const [method = '', path = ''] = line.split(' ');
  const headers = {
    'content-type': 'application/json',
    ...(page && { 'x-tokenline-console': '1' }),
  };
  const body = JSON.stringify(path.endsWith('/switch') ? { state: 'on', reason: 'a board' } : {});
  const init = method === 'GET' ? {} : { method, headers, body };
  const response = await browser.go(path.replace('*', 'switch'), init);
  // A stream that is let in does not end by itself.
  await response.body?.cancel();
  return response.status;
}

/**
 * Every route of the console, asked for over HTTP by nobody, each of the sandbox's people, and those
 * who show what is worth nothing.
 *
 * @returns how many requests were made.
 */
export async function consoleCells(violations: Violation[]): Promise<number> {
  const ends: (() => unknown)[] = [];
  try {
    const running = await runConsole({ after: (end) => void ends.push(end) });
    const told = (what: string): void =>
      void violations.push({ promise: 'PCI 7.2', what: `console ${what}`, replay: '' });
    const routes = new Set(await registered(running));
    const table = Object.entries(WHO_MAY_IN_THE_CONSOLE);
    for (const line of routes) {
      if (!(line in WHO_MAY_IN_THE_CONSOLE)) told(`${line}: nobody has said who may`);
    }
    const all = await visitors(running);
    let cells = 0;
    for (const [line, leave] of table) {
      if (!routes.has(line)) told(`${line}: there is no such route`);
      for (const visitor of all) {
        const what = wrong(line, leave, visitor, await knock(visitor, line));
        cells += 1;
        if (what !== null) told(`${line}|${visitor.name}: ${what}`);
      }
    }
    return cells;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
