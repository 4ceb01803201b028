import { open, readFile } from 'node:fs/promises';

export interface MemoryFindings {
  /** Places in memory that hold one of the PANs, ASCII or UTF-16LE. */
  readonly copies: number;
  /** How many of the PANs were found at least once. */
  readonly pansFound: number;
  /** The mapping of each copy, such as `[heap]`, and its form; never digits. */
  readonly places: readonly string[];
  /** What was looked at, so that a scan that saw nothing is noticed. */
  readonly bytesRead: number;
}

/** PANs are looked for by their first digits, which one pass over memory can find for all of them. */
const PREFIX_DIGITS = 8;
const DIGITS_MIN = 12;
const DIGITS_MAX = 19;

const WINDOW_BYTES = 4 * 1024 * 1024;
/** A copy that lies across two windows is found in the second one; the longest is a PAN in words. */
const OVERLAP_BYTES = 256;

/** A part of one mapping, and as much of what follows as a PAN that begins in it may need. */
interface Part {
  readonly start: number;
  readonly byteCount: number;
  readonly name: string;
}

/** True where this user may read that process's memory; the reason where not. */
export async function memoryReadable(pid: number): Promise<true | string> {
  try {
    const memory = await open(`/proc/${pid}/mem`, 'r');
    await memory.close();
    return true;
  } catch (error) {
    return `/proc/${pid}/mem cannot be read (${String((error as NodeJS.ErrnoException).code)})`;
  }
}

/**
 * Looks for card numbers in everything that another process has mapped and may be read.
 *
 * @param pid not this process: its own list of PANs would be found.
 * @param pans 12 to 19 digits each.
 */
export async function scanProcess(pid: number, pans: readonly string[]): Promise<MemoryFindings> {
  if (pid === process.pid) throw new Error('scan from another process');
  const wanted = new Set(pans);
  const prefixes = [...new Set(pans.map((pan) => pan.slice(0, PREFIX_DIGITS)))];
  const found = new Set<string>();
  const places: string[] = [];
  let bytesRead = 0;
  for await (const { name, bytes } of memoryOf(pid)) {
    bytesRead += Math.min(bytes.length, WINDOW_BYTES);
    for (const hit of hitsIn(bytes, prefixes, wanted)) {
      found.add(hit.pan);
      places.push(`${name} ${hit.form}`);
    }
  }
  return { copies: places.length, pansFound: found.size, places, bytesRead };
}

/** A part of a process's memory: its bytes are good until the next one is asked for. */
export interface MemoryPart {
  readonly name: string;
  readonly start: number;
  readonly bytes: Buffer;
}

/** Everything that a process has mapped and may be read, in parts that overlap a little. */
export async function* memoryOf(
  pid: number,
  wants: (mapping: string) => boolean = () => true,
): AsyncGenerator<MemoryPart> {
  const memory = await open(`/proc/${pid}/mem`, 'r');
  const window = Buffer.alloc(WINDOW_BYTES + OVERLAP_BYTES);
  try {
    const maps = await readFile(`/proc/${pid}/maps`, 'latin1');
    for (const part of windowsOf(maps.split('\n').filter(wants))) {
      const { name, start } = part;
      const bytes = await readAt(memory, window.subarray(0, part.byteCount), start);
      yield { name, start, bytes };
    }
  } finally {
    await memory.close();
  }
}

/** What is mapped and readable, in parts; the kernel's own pages are not memory. */
function* windowsOf(maps: readonly string[]): Generator<Part> {
  for (const line of maps) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r\S* \S+ \S+ \d+ *(.*)$/.exec(line);
    const [, from = '', to = '', name = ''] = match ?? [];
    if (from === '' || /^\[(vvar|vsyscall|vdso)/.test(name)) continue;
    const end = Number.parseInt(to, 16);
    for (let start = Number.parseInt(from, 16); start < end; start += WINDOW_BYTES) {
      const byteCount = Math.min(WINDOW_BYTES + OVERLAP_BYTES, end - start);
      yield { start, byteCount, name: name || 'anonymous' };
    }
  }
}

/** What can be read: a page may be unmapped between the list and now. */
async function readAt(
  memory: Awaited<ReturnType<typeof open>>,
  into: Buffer,
  at: number,
): Promise<Buffer> {
  let length = 0;
  while (length < into.length) {
    try {
      const { bytesRead } = await memory.read(into, length, into.length - length, at + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    } catch {
      break;
    }
  }
  return into.subarray(0, length);
}

interface Hit {
  readonly pan: string;
  readonly form: 'ascii' | 'utf16le';
}

/** Only those that begin in the window: the others are found in the next one. */
function* hitsIn(
  bytes: Buffer,
  prefixes: readonly string[],
  wanted: ReadonlySet<string>,
): Generator<Hit> {
  for (const form of ['ascii', 'utf16le'] as const) {
    for (const needle of prefixes.map((prefix) => Buffer.from(prefix, form))) {
      for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
        if (at >= WINDOW_BYTES) break;
        const pan = panAt(bytes, at, form, wanted);
        if (pan !== null) yield { pan, form };
      }
    }
  }
}

/** Longest first; a PAN with another digit behind it is still that PAN. */
function panAt(
  bytes: Buffer,
  at: number,
  form: Hit['form'],
  wanted: ReadonlySet<string>,
): string | null {
  const end = at + DIGITS_MAX * (form === 'ascii' ? 1 : 2);
  const digits = /^\d+/.exec(bytes.toString(form, at, end))?.[0] ?? '';
  for (let length = digits.length; length >= DIGITS_MIN; length--) {
    if (wanted.has(digits.slice(0, length))) return digits.slice(0, length);
  }
  return null;
}
