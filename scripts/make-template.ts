import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/**
 * Makes the cluster that a new embedded database begins with, so that the first start takes one
 * second and not five. It holds what `initdb` makes and no table of ours: there is one path for
 * migrations, and a template that is older than the schema does no harm.
 */
const target = fileURLToPath(new URL('../dist/store/pglite-template.tar.gz', import.meta.url));
const made = `${target}.pglite-version`;

const manifest = createRequire(import.meta.url).resolve('@electric-sql/pglite');
const { version } = JSON.parse(
  readFileSync(join(dirname(manifest), '..', 'package.json'), 'utf8'),
) as { version: string };

function isMade(): boolean {
  try {
    return readFileSync(made, 'utf8') === version && readFileSync(target).length > 0;
  } catch {
    return false;
  }
}

async function makeCluster(directory: string): Promise<Blob> {
  const pg = await PGlite.create({ fs: new NodeFS(directory) });
  await pg.exec('vacuum (freeze, analyze)');
  // Shut down before it is copied: a copy of a running one begins with a crash recovery.
  await pg.close();
  const reader = await PGlite.create({ fs: new NodeFS(directory), noInitDb: true });
  return reader.dumpDataDir('none');
}

if (!isMade()) {
  const directory = mkdtempSync(join(tmpdir(), 'tokenline-template-'));
  try {
    const tar = await makeCluster(join(directory, 'cluster'));
    mkdirSync(dirname(target), { recursive: true });
    // Renamed into place: another process may be reading it.
    const temporary = `${target}.${process.pid}`;
    writeFileSync(temporary, gzipSync(Buffer.from(await tar.arrayBuffer()), { level: 9 }));
    renameSync(temporary, target);
    writeFileSync(made, version);
    console.log(`made ${target}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
// The reader is no running database, and PGlite cannot close what does not run.
process.exit(0);
