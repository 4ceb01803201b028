import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { send } from '../../test/whole/http.ts';
import { formsOf, type Form } from './encodings.ts';
import type { Place } from './place.ts';
import type { Canary } from './canary.ts';

const ENTRY = fileURLToPath(new URL('./accomplice-process.ts', import.meta.url));
const NEW_LINE = Buffer.from('\n');

/**
 * Puts digits on purpose into everything that is looked at: what is not found there would not have
 * been found anywhere.
 */
export class Accomplice {
  readonly forms: readonly Form[];
  /** All forms, each on a line of its own. */
  readonly bytes: Buffer;
  port = 0;
  readonly #child: ChildProcess;
  readonly #written: Buffer[] = [];

  private constructor(canary: Canary) {
    this.forms = formsOf(canary);
    this.bytes = Buffer.concat(this.forms.flatMap(({ bytes }) => [NEW_LINE, bytes, NEW_LINE]));
    const texts = this.forms.filter(({ isText }) => isText).map(({ bytes }) => bytes.toString());
    this.#child = spawn(
      process.execPath,
      ['--import', 'tsx', '--report-on-signal', '--report-signal=SIGUSR2', ENTRY, ...texts],
      {
        env: { PATH: process.env['PATH'], PLANTED: texts.join('\n') },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#written.push(chunk));
    }
  }

  static async start(canary: Canary): Promise<Accomplice> {
    const accomplice = new Accomplice(canary);
    const child = accomplice.#child;
    const told = once(child, 'message');
    child.send(accomplice.bytes.toString('base64'));
    const [port] = (await told) as [number];
    accomplice.port = port;
    return accomplice;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  written(): Buffer {
    return Buffer.concat(this.#written);
  }

  /** Into the database, through the line that is listened to. */
  async plantInDatabase(place: Place): Promise<void> {
    const { port } = place.taps.database;
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    await client.connect();
    try {
      await client.query('create table planted (written text, kept bytea)');
      for (const { isText, bytes } of this.forms) {
        const values = [isText ? bytes.toString() : null, bytes];
        await client.query('insert into planted values ($1, $2)', values);
      }
    } finally {
      await client.end();
    }
  }

  /** Through every other line that is listened to; whatever is at its end refuses it. */
  async plantOnLines(place: Place): Promise<void> {
    const { database: _, ...lines } = place.taps;
    for (const { port } of Object.values(lines)) {
      await send(port, { method: 'POST', path: '/nowhere', body: this.bytes }).catch(() => null);
    }
  }

  plantInFiles(directory: string): void {
    writeFileSync(join(directory, 'planted'), this.bytes);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
