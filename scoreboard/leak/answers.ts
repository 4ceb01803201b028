import { send, type Answer, type Outgoing } from '../../test/whole/http.ts';

/** Asks over HTTP, and keeps everything that is answered. */
export class Answers {
  readonly #kept = new Map<string, Buffer[]>();

  /** @returns `null` where no answer came. */
  async ask(from: string, port: number, outgoing: Outgoing): Promise<Answer | null> {
    const answer = await send(port, outgoing).catch(() => null);
    if (answer !== null) {
      this.keep(from, `${JSON.stringify(answer.headers)}\n`);
      this.keep(from, answer.bytes);
    }
    return answer;
  }

  keep(from: string, what: string | Buffer): void {
    const kept = this.#kept.get(from) ?? [];
    kept.push(Buffer.from(what));
    this.#kept.set(from, kept);
  }

  of(from: string): Buffer {
    return Buffer.concat(this.#kept.get(from) ?? []);
  }

  count(): number {
    return [...this.#kept.values()].reduce((sum, kept) => sum + kept.length, 0);
  }

  froms(): string[] {
    return [...this.#kept.keys()];
  }
}
