import type { GatewayReply } from '../gateway/gateway.ts';
import { openRestLine, type RestSettings } from '../gateway/rest/line.ts';
import { exampleRequests } from '../gateway/rest/example.ts';
import type { Clock } from '../system/clock.ts';
import type { Config } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { ConfigError } from '../system/yaml-file.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { restSettingsOf } from './rest-gateway.ts';

/** Long enough for a slow line, short enough for somebody who waits. */
const PROBE_MS = 15_000;

/** AWS refuses a signature that is five minutes away from its own clock. */
const SKEW_MS_WARN = 60_000;
const SKEW_MS_FAIL = 240_000;

const GUIDE = 'docs/guides/generic-rest.md describes every key.';

/** Where the gateway is. */
export interface Reach {
  readonly origin: string;
  readonly http: HttpClient;
}

/**
 * The mapping of a gateway named `rest`, and what can be asked of it without a card.
 *
 * @param reach `null` where it is the sandbox, which does not run yet.
 */
export async function restChecks(
  config: Config,
  reach: Reach | null,
  clock: Clock,
): Promise<Diagnosis[]> {
  let settings: RestSettings;
  try {
    settings = restSettingsOf(config.gateway, reach?.origin ?? 'http://127.0.0.1');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const why = 'Nothing starts with a mapping that is wrong.';
    return error.problems.map((says) => trouble('fail', 'gateway.mapping', says, why, GUIDE));
  }
  const requests = exampleRequests(settings.mapping);
  const steps = requests.map(({ step, method, path }) => `${step} ${method} ${path}`).join(', ');
  const file = config.gateway.mappingFile ?? 'the guide’s own';
  return [
    ok('gateway', reach === null ? 'rest, with the sandbox beside' : 'rest'),
    ok('gateway.mapping', `${file}: ${steps}`),
    ...lookUps(settings),
    webhook(config, settings),
    ...(reach === null ? [] : await reached(settings, reach.http, clock)),
  ];
}

/** Where nothing can be looked up, somebody has to know it before the first doubt. */
function lookUps({ mapping }: RestSettings): Diagnosis[] {
  const check = 'gateway.look_up';
  const missing = (['tokenise', 'subscribe', 'change'] as const).filter(
    (kind) => mapping.look_up[kind] === null && (kind === 'tokenise' || mapping.subscribe !== null),
  );
  if (missing.length === 0) return [ok(check, 'what is in doubt can be asked about')];
  const keeps = mapping.idempotency.retention_ms > 0;
  const says = `${missing.join(' and ')} cannot be looked up${keeps ? '' : ', and no keys are kept'}`;
  const why = keeps
    ? 'An answer that is lost is found by sending the same again; a card’s stays in doubt.'
    : 'An operation whose answer is lost stays in doubt until a person looks at the gateway.';
  return [trouble('warn', check, says, why, `Give look_up, if the gateway has one. ${GUIDE}`)];
}

function webhook({ gateway }: Config, { mapping }: RestSettings): Diagnosis {
  const check = 'gateway.webhook';
  if (mapping.webhook === null) return ok(check, 'the gateway sends no events');
  if (gateway.webhookSecret !== null) return ok(check, 'events go to /v1/webhooks/rest');
  const why = 'Every event of the gateway would be refused.';
  const todo = 'Set gateway.webhook_secret, or webhook: null in the mapping.';
  return trouble('warn', check, 'events are expected and there is no secret', why, todo);
}

/** Asks for a bearer where there is one, and otherwise for something that is not there. */
async function reached(
  settings: RestSettings,
  http: HttpClient,
  clock: Clock,
): Promise<Diagnosis[]> {
  const controller = new AbortController();
  const timer = clock.after(PROBE_MS, () => controller.abort());
  try {
    const line = openRestLine(settings, http, clock);
    const refused = await line.prepare(controller.signal);
    if (refused !== null) return [credential(refused)];
    const probe = line.ready({ method: 'GET', path: '/', headers: {}, body: null });
    const exchange = await http.exchange(probe, controller.signal);
    const check = 'gateway.rest';
    if (exchange.kind !== 'answered') {
      const why = 'Every card and every subscription goes there.';
      const todo = 'Let this machine reach it, or correct gateway.url and gateway.ca_file.';
      return [trouble('fail', check, `no answer (${exchange.reason})`, why, todo)];
    }
    const { status, headers } = exchange.response;
    return [
      ok(check, 'it answers'),
      identified(status, settings),
      clockOf(headers['date'], clock.now(), settings),
    ];
  } finally {
    timer.cancel();
  }
}

function credential(refused: GatewayReply<never>): Diagnosis {
  const check = 'gateway.credential';
  const why = 'No request can be sent without it.';
  if (refused.rawCode === 'aws_credentials_missing') {
    const says = 'gateway.signing.credentials_file cannot be read, or holds no keys';
    return trouble('fail', check, says, why, 'docs/guides/aws.md says what it has to hold.');
  }
  const says =
    refused.statusCode === null
      ? 'the token endpoint did not answer'
      : `the token endpoint answered ${refused.statusCode} and gave no bearer`;
  const todo = 'Check gateway.url, client_id, client_secret, and token_path of the mapping.';
  return trouble('fail', check, says, why, todo);
}

/** A 401 or 403 to an address that means nothing is still a word about who we are. */
function identified(status: number, { mapping, signing }: RestSettings): Diagnosis {
  const check = 'gateway.credential';
  if (status !== 401 && status !== 403) {
    const bearer = mapping.authorization === 'client_credentials';
    return ok(check, bearer ? 'a bearer was given' : 'it was not refused');
  }
  const says = `it answered ${status} to GET /`;
  const why = 'Every request would be refused, if this is not about the address alone.';
  const todo =
    signing === null
      ? 'Check bearer_token or api_key.'
      : 'Check the keys, the region, execute-api:Invoke, and the clock. docs/guides/aws.md has more.';
  return trouble('warn', check, says, why, todo);
}

function clockOf(date: string | undefined, nowMs: number, { signing }: RestSettings): Diagnosis {
  const check = 'gateway.clock';
  const theirs = Date.parse(date ?? '');
  if (!Number.isFinite(theirs)) return ok(check, 'the gateway did not say what time it is');
  const aheadMs = nowMs - theirs;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const says = `${seconds} s ${aheadMs >= 0 ? 'ahead of' : 'behind'} the gateway’s`;
  if (Math.abs(aheadMs) < SKEW_MS_WARN) return ok(check, says);
  const why =
    signing === null
      ? 'Events are refused when their signature is five minutes from our time.'
      : 'AWS refuses every request whose signature is five minutes from its time.';
  const state = Math.abs(aheadMs) < SKEW_MS_FAIL ? 'warn' : 'fail';
  return trouble(state, check, says, why, 'Synchronise the clock of this machine (NTP).');
}
