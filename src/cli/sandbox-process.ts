import { startSandbox } from '../sandbox/process.ts';
import { readSandboxSettings } from '../sandbox/settings.ts';
import { runAsChild } from './child-entry.ts';

/** The child that plays the gateway, the billing system and the merchant's directory. */
await runAsChild((settings) => startSandbox(readSandboxSettings(settings)));
