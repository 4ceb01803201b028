import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAgentCentre } from '../line/browser/agent-centre.ts';
import { pictureOf } from '../line/browser/picture.ts';
import { SCENARIOS, type Scenario } from '../line/browser/scenario.ts';
import { startPhoneServer } from '../line/browser/server.ts';
import { Clips } from '../line/speech/clips.ts';
import { Playback } from '../line/speech/playback.ts';
import { RecordedPrompts } from '../line/speech/recorded.ts';
import { installedVoices } from '../line/speech/voices.ts';
import { CUSTOMERS } from '../sandbox/customers.ts';
import { systemClock } from '../system/clock.ts';
import type { HttpClient } from '../system/http-client.ts';
import { systemRandomness } from '../system/randomness.ts';
import { openHttpClient } from '../system/wire.ts';
import { openStage } from './call/stage.ts';
import type { Running } from './child-entry.ts';
import { openIntegrations } from './integrations.ts';
import type { LineSettings } from './line-settings.ts';
import { SHOWN_CARDS } from './shown-cards.ts';

/** What the build has made: the page, and clips of the prompts. */
const BUILT = fileURLToPath(
  new URL(extname(import.meta.url) === '.ts' ? '../../dist' : '..', import.meta.url),
);

/** The flow for callers who are with an agent: `genesys/flows/card-capture-agent.yaml`. */
const AGENT_FLOW = 'Tokenline Card Capture Agent';
/** Kept for fiction, as the customers' numbers are. */
const DNIS = '+18005550199';

const say = (sentence: string): void => void process.stderr.write(`line: ${sentence}\n`);

/** Starts the softphone on the flows that come with the package. */
export async function startLine(settings: LineSettings): Promise<Running> {
  const stage = openStage([], settings.capture);
  const recorded = new RecordedPrompts(join(settings.prompts, 'audio'));
  for (const problem of recorded.problems) say(problem);
  const voices = installedVoices();
  const spoken = new Set(voices.flatMap((port) => port.voices.map(({ language }) => language)));
  if (!spoken.has('es-us')) {
    say('no voice for Spanish: its prompts are shown and not heard; docs/guides/softphone.md');
  }
  const folder = join(BUILT, 'speech');
  const clips = new Clips(voices, existsSync(folder) ? folder : null, say);
  const ports = { clock: systemClock, randomness: systemRandomness };
  const dataActions = openIntegrations(settings, ports);
  const sandbox = openHttpClient({ origin: settings.sandbox }, systemClock);
  const server = await startPhoneServer(
    {
      flows: stage.flows,
      startFlow: stage.startFlow,
      dnis: DNIS,
      dataActions,
      agentFlow: AGENT_FLOW,
      centre: openAgentCentre(sandbox, settings.sandbox, systemClock),
      playback: new Playback(stage.promptTexts, clips, recorded),
      prepare: (scenario, conversationId) => prepare(sandbox, scenario, conversationId),
      clock: systemClock,
      randomness: systemRandomness,
      report: say,
    },
    {
      host: settings.host,
      port: settings.port,
      pageFolder: join(BUILT, 'console', 'phone'),
      setup: {
        number: DNIS,
        startFlow: stage.startFlow,
        customers: CUSTOMERS.map(({ ani, customer_id, language, spoken_name }) => ({
          ani,
          id: customer_id,
          language,
          name: spoken_name,
        })),
        cards: SHOWN_CARDS,
        scenarios: SCENARIOS.map(({ key, title, effect }) => ({ key, title, effect })),
        flows: pictureOf(stage.flows),
      },
    },
  );
  return {
    port: server.port,
    async close() {
      await server.close();
      await dataActions.settled();
      await sandbox.close();
    },
  };
}

const PREPARE_MS_MAX = 5_000;

/** Each entry is for this call alone, so that two callers do not get each other's trouble. */
async function prepare(
  sandbox: HttpClient,
  { script }: Scenario,
  conversationId: string,
): Promise<void> {
  const entries = script.map((entry) => ({ ...entry, interaction_id: conversationId }));
  const over = new AbortController();
  const timer = systemClock.after(PREPARE_MS_MAX, () => over.abort());
  const exchange = await sandbox.exchange(
    {
      method: 'POST',
      path: '/__sandbox/script',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from(JSON.stringify(entries)),
    },
    over.signal,
  );
  timer.cancel();
  if (exchange.kind !== 'answered' || exchange.response.status >= 300) {
    say('the sandbox did not take the scenario; the call goes on without it');
  }
}
