import { captureProblems } from './config-capture.ts';
import { SANDBOX_CLIENTS } from './config-defaults.ts';
import type { ConfigFile } from './config-file.ts';
import { gatewayProblems, isSafeUrl } from './config-gateway.ts';
import { genesysProblems } from './config-genesys.ts';
import { payLinkProblems } from './config-link.ts';

export interface Problem {
  readonly key: string;
  readonly sentence: string;
}

/** Fewest characters of a secret that is ours to choose: 24 of Base64 are 144 bits. */
const SECRET_LENGTH_MIN = 24;

/** What the shape cannot say: keys that have to fit each other, and what live mode needs. */
export function meaningProblems(file: ConfigFile): Problem[] {
  const problems: Problem[] = [];
  const say = (key: string, sentence: string): void => {
    problems.push({ key, sentence });
  };
  if (!isTimeZone(file.merchant.time_zone)) {
    say('merchant.time_zone', 'expected an IANA time zone such as America/New_York');
  }
  for (const id of repeated(file.plans.map((plan) => plan.id))) {
    say('plans', `the id ${id} stands twice`);
  }
  for (const id of repeated(file.clients.map((client) => client.id))) {
    say('clients', `the id ${id} stands twice`);
  }
  if (file.limits.retry.delay_ms_max < file.limits.retry.first_delay_ms) {
    say('limits.retry.delay_ms_max', 'expected at least limits.retry.first_delay_ms');
  }
  const { credential } = file.internal;
  if (credential !== null && credential.length < SECRET_LENGTH_MIN) {
    say('internal.credential', `expected ${SECRET_LENGTH_MIN} characters or more`);
  }
  signInProblems(file, say);
  gatewayProblems(file.gateway, file.mode, file.plans, say);
  captureProblems(file, say);
  genesysProblems(file.genesys, file.clients, say);
  payLinkProblems(file, say);
  if (file.mode === 'live') liveProblems(file, say);
  return problems;
}

/** Without an issuer there is no console; with one, everything that signing in needs. */
function signInProblems(file: ConfigFile, say: (key: string, sentence: string) => void): void {
  const { issuer, client_id: clientId, public_url: publicUrl } = file.sign_in;
  if (issuer === null) return;
  if (clientId === null) say('sign_in.client_id', 'expected the client id at sign_in.issuer');
  if (publicUrl === null && file.mode === 'live') {
    say('sign_in.public_url', 'expected the address at which browsers reach the bridge');
  }
  for (const [key, address] of [
    ['sign_in.issuer', issuer],
    ['sign_in.public_url', publicUrl],
  ] as const) {
    if (address !== null && !isSafeUrl(address)) {
      say(key, 'expected https://, or an address of this machine');
    }
  }
}

/** Live mode takes no default for anything that money or evidence depends on. */
function liveProblems(file: ConfigFile, say: (key: string, sentence: string) => void): void {
  const { billing, internal } = file;
  const known: ReadonlySet<string> = new Set(SANDBOX_CLIENTS.map((client) => client.secret));
  if (file.clients.length === 0) say('clients', 'live mode needs at least one');
  file.clients.forEach((client, index) => {
    const key = `clients[${index}].secret`;
    if (known.has(client.secret)) say(key, 'is that of the sandbox, which everybody knows');
    else if (client.secret.length < SECRET_LENGTH_MIN) {
      say(key, `expected ${SECRET_LENGTH_MIN} characters or more in live mode`);
    }
  });
  const { agent_client_id: agent, bridge_url: reached } = file.genesys;
  if (agent !== null && (file.sign_in.public_url ?? reached) === null) {
    say(
      'sign_in.public_url',
      'the agent’s page needs the address at which browsers reach the bridge',
    );
  }
  if (billing.url === null) say('billing.url', 'live mode needs it: billing learns of each change');
  if (billing.secret === null) say('billing.secret', 'live mode needs it to sign the events');
  for (const [key, url] of [
    ['billing.url', billing.url],
    ['directory.url', file.directory.url],
    ['internal.url', internal.url],
  ] as const) {
    // PCI DSS 4.2.1: strong cryptography over open networks.
    if (url !== null && !isSafeUrl(url)) say(key, 'expected https:// in live mode');
  }
}

function repeated(ids: readonly string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
