import { text } from 'node:stream/consumers';
import { startSandbox } from '../sandbox/process.ts';
import { readSandboxSettings } from '../sandbox/settings.ts';

/**
 * The sandbox as a process: its settings come as one JSON document on standard input, it tells its
 * parent by IPC that it is ready, and SIGTERM ends it.
 */
const settings = readSandboxSettings(JSON.parse(await text(process.stdin)));
const sandbox = await startSandbox(settings);
process.send?.({ ready: true, port: sandbox.port });

process.once('SIGTERM', () => {
  void sandbox.close().then(() => process.exit(0));
});
