import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const NEW_LINE = 0x0a;

/**
 * An append-only file of JSON lines that survives `kill -9` and a loss of power: a line is on disk
 * before {@link Journal.append} returns. It writes synchronously, so that no other request can see a
 * state between the line and its effect.
 */
export class Journal<T> {
  readonly #file: number;
  #bytes: number;

  private constructor(file: number, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /**
   * Opens or makes the file and reads what it holds. A last line without its end was never answered
   * for, so it is cut off.
   *
   * @param read makes an entry of a line's JSON value.
   */
  static open<T>(
    path: string,
    read: (line: unknown) => T,
  ): { journal: Journal<T>; entries: readonly T[] } {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = openSync(path, 'a+', 0o600);
    // The name of a new file is durable when its folder is.
    const folderFile = openSync(folder, 'r');
    fsyncSync(folderFile);
    closeSync(folderFile);
    const content = readFileSync(path);
    const whole = content.subarray(0, content.lastIndexOf(NEW_LINE) + 1);
    if (whole.length < content.length) ftruncateSync(file, whole.length);
    const lines = whole.toString('utf8').split('\n').slice(0, -1);
    const entries = lines.map((line) => read(JSON.parse(line)));
    return { journal: new Journal(file, whole.length), entries };
  }

  /** @throws where the disk does not take the line; the file is then as it was before. */
  append(entry: T): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`, 'utf8');
    try {
      for (let done = 0; done < line.length;) done += writeSync(this.#file, line, done);
      fdatasyncSync(this.#file);
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      throw error;
    }
    this.#bytes += line.length;
  }

  clear(): void {
    ftruncateSync(this.#file, 0);
    fsyncSync(this.#file);
    this.#bytes = 0;
  }

  close(): void {
    closeSync(this.#file);
  }
}
