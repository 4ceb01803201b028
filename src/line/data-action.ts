import type { JsonValue } from '../architect/expression/value.ts';
import { SecretBytes } from '../card/secret.ts';
import { sleep, type Clock } from '../system/clock.ts';
import type { HttpClient, HttpResponse, Origin } from '../system/http-client.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import { unpooled, type Allocate } from '../system/request-bytes.ts';
import type { DataActionRequest, DataActionResult } from './call.ts';
import { contractProblem, translate } from './data-action-answer.ts';
import type { DataActionFile, IntegrationFiles } from './data-action-file.ts';
import { Clients, fill, responseOf, type Filled } from './data-action-request.ts';
import { AccessGrants } from './data-action-token.ts';
import type { Integration } from './integrations.ts';
import { toJson } from './values.ts';

/** Below this a buffer lies on V8's own heap, whose collector moves it and leaves a copy behind. */
const BODY_BYTES_MIN = 128;

const ZERO = 48;
const NINE = 57;

export interface IntegrationOptions {
  /** The integration's name, which is the category of its actions: `Tokenline`. */
  readonly category: string;
  readonly files: IntegrationFiles;
  /** Of the integration: `loginUrl`, `clientId`, `clientSecret`. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Opens a client; one for each origin is kept. */
  readonly connect: (origin: Origin) => HttpClient;
  /** Gives the buffer of a body; tests watch the buffers through it. */
  readonly allocate?: Allocate;
}

/** The inputs of one run: values for the templates, and words that stand for secrets in them. */
interface Inputs {
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly secrets: ReadonlyMap<string, SecretBytes>;
}

function failure(reason: string): DataActionResult {
  return { kind: 'failure', reason };
}

/**
 * The data actions of a Web Services integration, executed as Genesys does from the files that are
 * imported there: contract, request templates, HTTP, translation, success template.
 *
 * This is the one place of the line that opens a secret. A request's text is rendered with
 * unguessable words in place of its secrets; then it is put together as bytes, the secrets are
 * copied in, and the buffer is filled with zeros when the request has been written. The HTTP client
 * wipes its own copy.
 */
export class HttpDataActions implements Integration {
  readonly #options: IntegrationOptions;
  readonly #clients: Clients;
  readonly #grants: AccessGrants;
  readonly #running = new Set<Promise<DataActionResult>>();

  constructor(options: IntegrationOptions) {
    this.#options = options;
    this.#clients = new Clients(options.connect);
    const { files, credentials, clock } = options;
    this.#grants = new AccessGrants(files.authentication, credentials, this.#clients, clock);
  }

  get category(): string {
    return this.#options.category;
  }

  /**
   * The flow's own limit ends the waiting and not the request, which Genesys has sent by then. The
   * action's limit ends both and is a failure.
   */
  async run(request: DataActionRequest, timeoutMs: number | null): Promise<DataActionResult> {
    const { category, files, clock } = this.#options;
    const action = files.actions.find(({ name }) => name === request.action);
    if (request.category !== category || action === undefined) {
      return failure(`there is no data action ${request.category} / ${request.action}`);
    }
    const waiting = new AbortController();
    const work = this.#withinItsTime(action, request, waiting.signal);
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
    if (timeoutMs === null) return work;
    const timeout = sleep(clock, timeoutMs, waiting.signal).then((): DataActionResult => ({
      kind: 'timeout',
    }));
    const result = await Promise.race([work, timeout]);
    waiting.abort();
    return result;
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#clients.close();
  }

  async #withinItsTime(
    action: DataActionFile,
    request: DataActionRequest,
    lapsed: AbortSignal,
  ): Promise<DataActionResult> {
    const inputs = this.#inputsOf(action, request);
    if (typeof inputs === 'string') return failure(inputs);
    const timeout = new AbortController();
    const timer = this.#options.clock.after(action.timeoutMs, () => timeout.abort());
    try {
      return await this.#perform(action, inputs, timeout.signal, lapsed);
    } finally {
      timer.cancel();
    }
  }

  /** @returns why the contract refuses the inputs, where it does. */
  #inputsOf(action: DataActionFile, request: DataActionRequest): Inputs | string {
    if (request.secure && !action.secure) return `${action.name} is not marked secure`;
    const values: Record<string, JsonValue> = {};
    const secrets = new Map<string, SecretBytes>();
    for (const [name, input] of Object.entries(request.inputs)) {
      if (!(input instanceof SecretBytes)) {
        const json = toJson(input);
        if (json !== undefined) values[name] = json;
      } else if (!request.secure) {
        return `${name} is secure, and ${action.name} was not called as a secure data action`;
      } else if (!isDigits(input)) {
        return `${name} has to be digits and nothing else`;
      } else {
        const word = newId('secret', this.#options.randomness);
        values[name] = word;
        secrets.set(word, input);
      }
    }
    const problem = contractProblem(action.input, values);
    // What Genesys calls the raw request is every input that is set.
    return problem ?? { values: { rawRequest: JSON.stringify(values), ...values }, secrets };
  }

  /** Genesys gets a new token and tries once more where the one it kept is refused. */
  async #perform(
    action: DataActionFile,
    inputs: Inputs,
    signal: AbortSignal,
    lapsed: AbortSignal,
  ): Promise<DataActionResult> {
    let grant = await this.#grants.current();
    for (const last of [false, true]) {
      if (grant.kind === 'refused') return failure(`no access token: ${grant.reason}`);
      // The inputs are lent until the flow stops waiting.
      if (lapsed.aborted) return failure('the flow no longer waited when it could be sent');
      const { credentials } = this.#options;
      const { authResponse } = grant;
      const filled = fill(action.request, { input: inputs.values, credentials, authResponse });
      if (filled === null) return failure('its address is none');
      const answer = await this.#send(filled, inputs.secrets, signal);
      if (typeof answer === 'string') return failure(answer);
      if (answer.status !== 401 || last) return resultOf(action, answer);
      grant = await this.#grants.renew(grant);
    }
    return failure('unreachable');
  }

  async #send(
    filled: Filled,
    secrets: Inputs['secrets'],
    signal: AbortSignal,
  ): Promise<HttpResponse | string> {
    const misplaced = misplacedSecret(filled, secrets);
    if (misplaced !== null) return misplaced;
    if (filled.body === null) return responseOf(await this.#clients.exchange(filled, null, signal));
    const body = bodyBytes(filled.body, secrets, this.#options.allocate ?? unpooled);
    try {
      return responseOf(await this.#clients.exchange(filled, body, signal));
    } finally {
      body.fill(0);
    }
  }
}

function resultOf(action: DataActionFile, answer: HttpResponse): DataActionResult {
  const translated = translate(answer, action.response);
  if (translated.kind === 'refused') return failure(translated.reason);
  const problem = contractProblem(action.output, translated.outputs);
  return problem === null
    ? { kind: 'success', outputs: translated.outputs }
    : failure(`its outputs do not keep the contract: ${problem}`);
}

function isDigits(secret: SecretBytes): boolean {
  return secret.length > 0 && secret.reveal().every((byte) => byte >= ZERO && byte <= NINE);
}

/** A secret goes into the body, as it is: an address or a header would be written to logs. */
function misplacedSecret(filled: Filled, secrets: Inputs['secrets']): string | null {
  const head = [filled.path, ...Object.values(filled.headers)].join('\n');
  for (const word of secrets.keys()) {
    if (head.includes(word)) return 'a secure input stands outside of the body';
    if (filled.body?.includes(word) !== true) return 'a secure input is not sent as it is';
  }
  return null;
}

/** The body with its secrets in place of their words, in memory that is shared with nothing. */
function bodyBytes(text: string, secrets: Inputs['secrets'], allocate: Allocate): Buffer {
  const words = [...secrets.keys()];
  const pieces = words.length === 0 ? [text] : text.split(new RegExp(`(${words.join('|')})`));
  const parts = pieces.map((piece) => secrets.get(piece)?.reveal() ?? Buffer.from(piece, 'utf8'));
  const byteCount = parts.reduce((sum, part) => sum + part.length, 0);
  const body = allocate(Math.max(byteCount, BODY_BYTES_MIN)).subarray(0, byteCount);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}
