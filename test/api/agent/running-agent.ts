import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentMeans } from '../../../src/api/agent/agent.ts';
import { SIGNED_IN_PATH, type AgentSettings } from '../../../src/api/agent/settings.ts';
import {
  openConversations,
  type GenesysLine,
} from '../../../src/bridge/seat/genesys-conversations.ts';
import { openSeats } from '../../../src/bridge/seat/seat.ts';
import type { AgentCall, AgentSession, AgentSignIn } from '../../../src/contract/agent.ts';
import type { LedgerEntry } from '../../../src/payment/ledger.ts';
import { AGENTS } from '../../../src/sandbox/conversations.ts';
import { startSandbox } from '../../../src/sandbox/process.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { readLedger } from '../../../src/store/ledger.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { openWebFetch } from '../../../src/system/web-fetch.ts';
import { World, type WorldOptions } from '../../bridge/world.ts';
import { openEmpty, ports, silentLog } from '../../database.ts';
import { EVERY_ENTRY } from '../../every-entry.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { freePort } from '../console/running-console.ts';
import type { Ending } from '../running-api.ts';
import { startWorldApi } from '../world-api.ts';
import { blocksOf } from '../stream-blocks.ts';

export const [ANA, BEN] = AGENTS;
export const FLOW_ID = 'the-secure-flow';

export interface RunningAgent {
  /** Where the bridge is; by another name than the sandbox, so that the two are different sites. */
  readonly base: string;
  readonly sandbox: string;
  readonly settings: AgentSettings;
  readonly means: AgentMeans;
  /** Of the bridge; it stands still until a test moves it. */
  readonly world: World;
  /** Ends the make-believe Genesys before the test does. */
  readonly genesysAway: () => Promise<void>;
  readonly entries: () => Promise<LedgerEntry[]>;
}

/** A bridge with the agent's page, and a make-believe Genesys Cloud; they end with the test. */
export async function runAgent(t: Ending, options: WorldOptions = {}): Promise<RunningAgent> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-agent-'));
  const opened = await openEmpty('pglite');
  await migrate(opened.store, ports);
  const world = await World.open(opened.store, options);
  const [bridgePort, sandboxPort] = [await freePort(), await freePort()];
  const base = `http://localhost:${bridgePort}`;
  const sandbox = `http://127.0.0.1:${sandboxPort}`;
  const line: GenesysLine = {
    loginUrl: `${sandbox}/genesys/login`,
    apiUrl: `${sandbox}/genesys`,
    clientId: 'the-page',
    redirectUri: `${base}${SIGNED_IN_PATH}`,
    flowId: FLOW_ID,
  };
  const { clientId, redirectUri, flowId, loginUrl } = line;
  const genesys = await startSandbox(
    sandboxSettings(join(directory, 'sandbox'), {
      port: sandboxPort,
      genesys: { clientId, redirectUri, flowId, agentPage: `${base}/agent` },
    }),
  );
  const settings: AgentSettings = {
    mode: 'sandbox',
    publicOrigin: base,
    pageFolder: 'dist/console',
    loginUrl,
    clientId,
    framedBy: [sandbox],
  };
  const web = openWebFetch({ timeoutMs: 10_000 }, systemClock);
  const means: AgentMeans = {
    seats: openSeats(world.bridge),
    conversations: openConversations(line, web.fetch, world.clock),
    clock: world.clock,
    randomness: world.bridge.randomness,
    log: silentLog,
    sealKey: new Uint8Array(32).fill(9),
  };
  const api = await startWorldApi(
    world,
    directory,
    { host: 'localhost', port: bridgePort },
    { agent: settings },
    { agent: means },
  );
  let there = true;
  const genesysAway = async (): Promise<void> => {
    if (there) await genesys.close();
    there = false;
  };
  t.after(async () => {
    // A connection that a client keeps is cut after a while, which does not pass by itself here.
    await world.run(api.close());
    await genesysAway();
    await web.close();
    await opened.drop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    base,
    sandbox,
    settings,
    means,
    world,
    genesysAway,
    async entries() {
      return (await readLedger(world.store.inner, EVERY_ENTRY)).map(({ entry }) => entry);
    },
  };
}

/** What the sandbox keeps of a conversation. */
export interface Kept {
  readonly participants: readonly {
    readonly id: string;
    readonly purpose: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
  readonly secureSessions: readonly {
    readonly flow: { readonly id: string };
    readonly userData: string;
    readonly sourceParticipantId: string;
    readonly disconnect: boolean;
  }[];
}

/** The contact centre's side of a call. */
export class Centre {
  readonly #origin: string;

  constructor({ sandbox }: Pick<RunningAgent, 'sandbox'>) {
    this.#origin = `${sandbox}/__sandbox/genesys/conversations`;
  }

  /** A caller reaches Ana. */
  async arrive(id: string): Promise<void> {
    const response = await fetch(`${this.#origin}/${id}`, { method: 'POST', body: '{}' });
    assert.equal(response.status, 200);
  }

  async hangUp(id: string): Promise<void> {
    await fetch(`${this.#origin}/${id}`, { method: 'DELETE' });
  }

  async kept(id: string): Promise<Kept> {
    return (await (await fetch(`${this.#origin}/${id}`)).json()) as Kept;
  }
}

/** What the page does, without a browser: it keeps a verifier, a session and a cookie. */
export class Visitor {
  readonly #running: RunningAgent;
  /** Of the last code. */
  verifier = 'v'.repeat(43);
  session = '';
  cookie = '';

  constructor(running: RunningAgent) {
    this.#running = running;
  }

  /** Goes to Genesys' window and presses the button of one agent: the code that comes back. */
  async code(agentId: string): Promise<string> {
    const asked = await fetch(`${this.#running.base}/agent/api/sign-in`);
    const { url, state, verifier } = (await asked.json()) as AgentSignIn;
    this.verifier = verifier;
    const shown = await fetch(url);
    assert.equal(shown.status, 200, await shown.text());
    const challenge = new URL(url).searchParams.get('code_challenge') ?? '';
    const chosen = new URLSearchParams({ agent: agentId, challenge, state });
    const address = url.split('?')[0] ?? '';
    const back = await fetch(address, { method: 'POST', body: chosen, redirect: 'manual' });
    const to = new URL(back.headers.get('location') ?? '');
    assert.equal(to.searchParams.get('state'), state);
    return to.searchParams.get('code') ?? '';
  }

  async tell(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = { 'x-tokenline-console': '1' },
  ): Promise<Response> {
    const response = await fetch(`${this.#running.base}/agent/api/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.session !== '' && { authorization: `Bearer ${this.session}` }),
        ...(this.cookie !== '' && { cookie: this.cookie }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const [set = ''] = response.headers.getSetCookie();
    if (set !== '') this.cookie = set.split(';')[0] ?? '';
    return response;
  }

  async signIn(interactionId: string, agentId: string = ANA.id): Promise<Response> {
    const code = await this.code(agentId);
    return this.keep(
      await this.tell('sign-in', { interaction_id: interactionId, code, verifier: this.verifier }),
    );
  }

  async open(interactionId: string): Promise<Response> {
    return this.keep(await this.tell('open', { interaction_id: interactionId }));
  }

  /** The first picture of the call; the stream is left. */
  async call(lang = 'en-us'): Promise<AgentCall> {
    const response = await this.events(lang);
    assert.equal(response.status, 200, response.status === 200 ? '' : await response.text());
    for await (const text of blocksOf(response)) {
      const data = /^data: (.*)$/m.exec(text)?.[1];
      if (data !== undefined) return JSON.parse(data) as AgentCall;
    }
    throw new Error('the stream ended without a picture');
  }

  events(lang = 'en-us'): Promise<Response> {
    const headers = { authorization: `Bearer ${this.session}` };
    return fetch(`${this.#running.base}/agent/api/call/events?lang=${lang}`, { headers });
  }

  private async keep(response: Response): Promise<Response> {
    if (response.status === 200) {
      this.session = ((await response.clone().json()) as AgentSession).session;
    }
    return response;
  }
}
