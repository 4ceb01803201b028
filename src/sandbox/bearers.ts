import { timingSafeEqual, createHash } from 'node:crypto';
import type { Clock } from '../system/clock.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import type { Answer } from './ledger.ts';
import { unauthorized } from './refusal.ts';
import type { SandboxSettings } from './settings.ts';

/** Compares in constant time whatever the lengths are. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** The bearers that have been given out. They live in memory: a restart ends them, as an expiry does. */
export class Bearers {
  readonly #settings: SandboxSettings['gateway'];
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #endsAtMs = new Map<string, number>();

  constructor(settings: SandboxSettings['gateway'], clock: Clock, randomness: Randomness) {
    this.#settings = settings;
    this.#clock = clock;
    this.#randomness = randomness;
  }

  /** `POST /oauth/token`: client credentials by HTTP Basic or in the body (RFC 6749 §2.3.1, §4.4). */
  grant(authorization: string | undefined, form: Readonly<Record<string, unknown>>): Answer {
    const [clientId, clientSecret] = basicPair(authorization) ?? [
      textIn(form, 'client_id'),
      textIn(form, 'client_secret'),
    ];
    if (form['grant_type'] !== 'client_credentials') {
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    }
    const known =
      same(clientId, this.#settings.clientId) && same(clientSecret, this.#settings.clientSecret);
    if (!known) return { status: 401, body: { error: 'invalid_client' } };
    const bearer = newId('bearer', this.#randomness);
    const { bearerSeconds } = this.#settings;
    for (const [old, endsAtMs] of this.#endsAtMs) {
      if (endsAtMs <= this.#clock.monotonicMs()) this.#endsAtMs.delete(old);
    }
    this.#endsAtMs.set(bearer, this.#clock.monotonicMs() + bearerSeconds * 1000);
    const body = { access_token: bearer, token_type: 'Bearer', expires_in: bearerSeconds };
    return { status: 200, body };
  }

  /** @throws Refusal 401 where the bearer or the API key is not good. */
  check(authorization: string | undefined, apiKey: string | undefined): void {
    if (!same(apiKey ?? '', this.#settings.apiKey)) throw unauthorized('X-API-Key is wrong');
    const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const endsAtMs = bearer === undefined ? undefined : this.#endsAtMs.get(bearer);
    if (endsAtMs === undefined || endsAtMs <= this.#clock.monotonicMs()) {
      throw unauthorized('the bearer is missing, expired or not known; POST /oauth/token');
    }
  }
}

function textIn(form: Readonly<Record<string, unknown>>, name: string): string {
  const value = form[name];
  return typeof value === 'string' ? value : '';
}

function basicPair(authorization: string | undefined): [string, string] | null {
  const encoded = /^Basic (\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  try {
    return [decodeURIComponent(pair.slice(0, colon)), decodeURIComponent(pair.slice(colon + 1))];
  } catch {
    return ['', ''];
  }
}
