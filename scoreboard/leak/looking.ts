import { createReadStream } from 'node:fs';
import { relative } from 'node:path';
import { filesBelow } from '../../test/whole/leaks.ts';
import { memoryOf } from '../../test/memory-scan.ts';
import type { Canary } from './canary.ts';
import type { Search } from './search.ts';

/** A canary that was seen: where, and in which form. */
export interface Find {
  /** The kind of place, such as `memory`. */
  readonly sink: string;
  /** The place itself, such as `bridge, [heap]`. */
  readonly where: string;
  readonly encoding: string;
  readonly canary: Canary;
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/** A mapping of a file that nobody may write holds what the file held before the first card. */
const UNTOUCHED = /^\S+ r-\S+ \S+ \S+ [1-9]/;

/** Looks through bytes, and counts what it has seen. */
export class Looking {
  readonly #search: Search;
  readonly #canaries: readonly Canary[];
  readonly #finds = new Map<string, Find>();
  /** Bytes by sink. */
  readonly seen = new Map<string, number>();
  /** Of searching alone, without reading. */
  searchMs = 0;

  constructor(search: Search, canaries: readonly Canary[]) {
    this.#search = search;
    this.#canaries = canaries;
  }

  /** Each once for every place and form. */
  finds(): Find[] {
    return [...this.#finds.values()];
  }

  bytes(): number {
    return [...this.seen.values()].reduce((sum, count) => sum + count, 0);
  }

  at(sink: string, where: string, bytes: Buffer): void {
    const startMs = performance.now();
    this.#search.scan(bytes, ({ owner, encoding }) => {
      const canary = this.#canaries[owner];
      if (canary === undefined) return;
      const find = { sink, where, encoding, canary };
      this.#finds.set([sink, where, encoding, owner].join('|'), find);
    });
    this.searchMs += performance.now() - startMs;
    this.seen.set(sink, (this.seen.get(sink) ?? 0) + bytes.length);
  }

  async atFile(sink: string, where: string, path: string): Promise<void> {
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      const bytes = Buffer.concat([tail, chunk as Buffer]);
      this.at(sink, where, bytes);
      tail = bytes.subarray(Math.max(0, bytes.length - this.#search.overlap));
    }
  }

  async below(sink: string, directory: string): Promise<void> {
    for (const path of filesBelow(directory)) {
      try {
        await this.atFile(sink, relative(directory, path), path);
      } catch (error) {
        // A server may replace a file of its own at any moment; then it is not there to be read.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  async inMemory(sink: string, where: string, pid: number): Promise<void> {
    for await (const { name, bytes } of memoryOf(pid, (line) => !UNTOUCHED.test(line))) {
      this.at(sink, `${where}, ${name}`, bytes);
    }
  }
}
