import type { JsonValue } from '../architect/expression/value.ts';
import type { Clock } from '../system/clock.ts';
import { translate } from './data-action-answer.ts';
import type { IntegrationFiles } from './data-action-file.ts';
import { fill, responseOf, type Clients } from './data-action-request.ts';

/** What `${authResponse.…}` reads; it has been asked for now, or is from before. */
export interface Grant {
  readonly kind: 'granted';
  readonly authResponse: Readonly<Record<string, JsonValue>>;
}

export type GrantOrRefusal = Grant | { readonly kind: 'refused'; readonly reason: string };

/** As long as a data action may take. */
const TIMEOUT_MS = 60_000;

/**
 * Access to what the actions of an integration call: the answer of its authentication action, asked
 * for once and kept until a request is refused with it.
 */
export class AccessGrants {
  readonly #authentication: IntegrationFiles['authentication'];
  readonly #credentials: Readonly<Record<string, string>>;
  readonly #clients: Clients;
  readonly #clock: Clock;
  #kept: Promise<GrantOrRefusal> | null = null;

  constructor(
    authentication: IntegrationFiles['authentication'],
    credentials: Readonly<Record<string, string>>,
    clients: Clients,
    clock: Clock,
  ) {
    this.#authentication = authentication;
    this.#credentials = credentials;
    this.#clients = clients;
    this.#clock = clock;
  }

  /** One request at a time, whoever waits for it. A refusal is not kept. */
  async current(): Promise<GrantOrRefusal> {
    const asked = (this.#kept ??= this.#ask());
    const grant = await asked;
    if (grant.kind === 'refused' && this.#kept === asked) this.#kept = null;
    return grant;
  }

  /** Forgets a grant that was refused, unless there is a newer one by now. */
  async renew(refused: Grant): Promise<GrantOrRefusal> {
    if ((await this.current()) === refused) this.#kept = null;
    return this.current();
  }

  async #ask(): Promise<GrantOrRefusal> {
    if (this.#authentication === null) return { kind: 'granted', authResponse: {} };
    const { request, response } = this.#authentication;
    const filled = fill(request, { credentials: this.#credentials });
    if (filled === null) return { kind: 'refused', reason: 'the login address is none' };
    const timeout = new AbortController();
    const timer = this.#clock.after(TIMEOUT_MS, () => timeout.abort());
    const body = filled.body === null ? null : Buffer.from(filled.body);
    const exchange = await this.#clients.exchange(filled, body, timeout.signal);
    timer.cancel();
    const answer = responseOf(exchange);
    if (typeof answer === 'string') return { kind: 'refused', reason: answer };
    const translated = translate(answer, response);
    return translated.kind === 'refused'
      ? translated
      : { kind: 'granted', authResponse: translated.outputs };
  }
}
