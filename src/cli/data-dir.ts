import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CommandFailed } from './exit.ts';

/** Names in the data directory. */
export const LEDGER_PUBLIC_KEY = join('keys', 'ledger.pub.pem');
export const CHECKPOINT_FILE = 'checkpoints.jsonl';
export const SOCKET_FILE = join('run', 'bridge.sock');
export const PORTS_FILE = join('run', 'ports.json');

/** `sockaddr_un.sun_path` on Linux has 108 bytes, on other systems 104 (unix(7)). */
const SOCKET_BYTES_MAX = 103;

/**
 * Makes the data directory, open to this user alone.
 *
 * @throws {CommandFailed} that says what to do where it cannot be used.
 */
export function prepareData(data: string): void {
  for (const directory of [data, join(data, 'run'), join(data, 'keys')]) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
      throw new CommandFailed(
        `data: ${directory} cannot be used (${code}). Choose a directory of this user (TOKENLINE_DATA).`,
      );
    }
  }
  if (Buffer.byteLength(join(data, SOCKET_FILE)) > SOCKET_BYTES_MAX) {
    throw new CommandFailed(
      `data: the path ${data} is too long for a Unix socket in it. Choose a shorter one (TOKENLINE_DATA).`,
    );
  }
}

/**
 * Where the processes listen, by role, as one line of JSON. Bridge and tokenizer may have been
 * started apart on one directory, so what the others say is kept.
 */
export function readPorts(data: string): Record<string, number> {
  try {
    const read: unknown = JSON.parse(readFileSync(join(data, PORTS_FILE), 'utf8'));
    if (typeof read !== 'object' || read === null) return {};
    const ports = Object.entries(read).filter(
      (pair): pair is [string, number] => typeof pair[1] === 'number',
    );
    return Object.fromEntries(ports);
  } catch {
    return {};
  }
}

export function writePorts(data: string, ports: Readonly<Record<string, number>>): void {
  replacePorts(data, { ...readPorts(data), ...ports });
}

/** The file itself goes with the last of them. */
export function removePorts(data: string, roles: readonly string[]): void {
  const left = Object.entries(readPorts(data)).filter(([role]) => !roles.includes(role));
  if (left.length > 0) replacePorts(data, Object.fromEntries(left));
  else rmSync(join(data, PORTS_FILE), { force: true });
}

/** Whole or not at all. */
function replacePorts(data: string, ports: Readonly<Record<string, number>>): void {
  const file = join(data, PORTS_FILE);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(ports)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}
