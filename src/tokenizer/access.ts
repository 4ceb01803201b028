import type { Scope } from '../contract/access.ts';
import { Fault } from '../payment/fault.ts';
import { Deadline } from '../resilience/deadline.ts';
import { openVerifier, type Verifier } from '../system/access-token.ts';
import type { Clock } from '../system/clock.ts';
import type { BridgeLine } from './bridge-line.ts';

/** A new key of the bridge is known here at the latest after this time, and not asked for more often. */
const REFETCH_MS_MIN = 1_000;

/** The bridge answers from memory. */
const FETCH_MS_MAX = 2_000;

/** Long enough for any token of ours; RFC 6750 §2.1 for the characters. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{1,4096}=*)$/i;

/** Checks access tokens with the public keys that the bridge has. */
export class Access {
  readonly #line: BridgeLine;
  readonly #clock: Clock;
  #keyIds: ReadonlySet<string> = new Set();
  #verifier: Verifier | null = null;
  #fetching: Promise<boolean> | null = null;
  #fetched: { readonly atMs: number; readonly ok: boolean } | null = null;

  constructor(line: BridgeLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  /**
   * Says whose token it is.
   *
   * @param authorization the header as it came.
   * @throws Fault 401 for a token that is missing or not good, 403 for one without the scope, 503
   *   where the bridge has not given its keys.
   */
  async clientOf(authorization: string | undefined, scope: Scope): Promise<string> {
    if (authorization === undefined || authorization === '') {
      throw new Fault(
        'missing_token',
        'Send "Authorization: Bearer" with a token of /oauth/token.',
      );
    }
    const token = BEARER.exec(authorization)?.[1];
    const keyId = token === undefined ? null : keyIdOf(token);
    if (token === undefined || keyId === null) {
      throw new Fault('invalid_token', 'The Authorization header holds no access token of ours.');
    }
    if (!this.#keyIds.has(keyId) && !(await this.#refresh()) && this.#verifier === null) {
      throw new Fault(
        'bridge_unavailable',
        'The bridge has not given the keys for access tokens yet. Nothing has been sent.',
        1,
      );
    }
    const verdict = await this.#verifier?.verify(token, this.#clock.now());
    if (verdict?.kind === 'expired') {
      throw new Fault('invalid_token', 'The access token has expired; get a new one.');
    }
    if (verdict?.kind !== 'ok') {
      throw new Fault('invalid_token', 'The access token is not one of ours; get a new one.');
    }
    if (!verdict.scopes.includes(scope)) {
      throw new Fault('missing_scope', `This route needs a token with the scope ${scope}.`);
    }
    return verdict.clientId;
  }

  /** True when the bridge answers, as of the last second. */
  ready(): Promise<boolean> {
    return this.#refresh();
  }

  /** Asks for the keys, at most once a second; true when the last answer was one. */
  #refresh(): Promise<boolean> {
    if (this.#fetching) return this.#fetching;
    const nowMs = this.#clock.monotonicMs();
    if (this.#fetched && nowMs - this.#fetched.atMs < REFETCH_MS_MIN) {
      return Promise.resolve(this.#fetched.ok);
    }
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #fetch(): Promise<boolean> {
    const deadline = new Deadline(this.#clock, FETCH_MS_MAX);
    const reply = await deadline.within((signal) => this.#line.keys(signal));
    const ok = reply.kind === 'ok';
    if (ok) {
      this.#keyIds = new Set(reply.value.keys.map((key) => key.key_id));
      this.#verifier = openVerifier(
        reply.value.keys.map(({ key_id: keyId, pem: publicPem }) => ({ keyId, publicPem })),
      );
    }
    this.#fetched = { atMs: this.#clock.monotonicMs(), ok };
    return ok;
  }
}

/** The key that a token says it is signed with (RFC 7515 §4.1.4); believed only once it verifies. */
function keyIdOf(token: string): string | null {
  try {
    const head: unknown = JSON.parse(
      Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'),
    );
    if (typeof head !== 'object' || head === null || !('kid' in head)) return null;
    return typeof head.kid === 'string' ? head.kid : null;
  } catch {
    return null;
  }
}
