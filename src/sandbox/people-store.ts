import type { Adapter, AdapterPayload } from 'oidc-provider';

/** No sign-in of the sandbox is open for longer, and nobody keeps so many open. */
const KEPT_MAX = 1_000;

/** What the sandbox's identity provider remembers: in memory, the newest thousand things. */
export class PeopleStore implements Adapter {
  static readonly #kept = new Map<string, AdapterPayload>();
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const kept = PeopleStore.#kept;
    kept.delete(this.#key(id));
    kept.set(this.#key(id), payload);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return PeopleStore.#kept.get(this.#key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const prefix = this.#key('');
    for (const [key, payload] of PeopleStore.#kept) {
      if (key.startsWith(prefix) && payload.uid === uid) return payload;
    }
    return undefined;
  }

  /** Codes for devices without a keyboard, which the sandbox does not give. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = PeopleStore.#kept.get(this.#key(id));
    if (payload) payload.consumed = true;
  }

  async destroy(id: string): Promise<void> {
    PeopleStore.#kept.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of PeopleStore.#kept) {
      if (payload.grantId === grantId) PeopleStore.#kept.delete(key);
    }
  }
}
