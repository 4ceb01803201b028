import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_PROMPTS, loadPrompts } from '../../../src/cli/prompts.ts';
import type { Language } from '../../../src/payment/language.ts';
import type { PromptTable } from '../../../src/payment/prompt.ts';
import type { SandboxSettings } from '../../../src/sandbox/settings.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { defaultsOf, SANDBOX_GATEWAY } from '../../../src/system/config-defaults.ts';
import { newId, systemRandomness } from '../../../src/system/randomness.ts';
import { admin, databaseUrl, ports } from '../../../test/database.ts';
import { certificatesFor, type Certificates } from '../certificate.ts';
import { Crew } from './crew.ts';

/** Names of the two outside parties; the resolver of every process leads them to a proxy. */
export const GATEWAY_HOST = 'gateway.test';
export const BILLING_HOST = 'billing.test';

const BEARER_S = 3_600;

function sandboxSettings(dataDir: string, billingSecret: string): SandboxSettings {
  const { client_id: clientId, client_secret: clientSecret, api_key: apiKey } = SANDBOX_GATEWAY;
  return {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    tls: null,
    timeZone: 'America/New_York',
    gateway: { clientId, clientSecret, apiKey, bearerSeconds: BEARER_S },
    verification: true,
    subscriptions: true,
    webhook: null,
    people: null,
    genesys: null,
    billingSecret,
  };
}

function billingSecretOf(): string {
  const { billing } = defaultsOf('sandbox', 'sandbox') as { billing: { secret: string } };
  return billing.secret;
}

/** What the systems of one board share: where processes come from, and who plays the outside. */
export class House {
  readonly directory: string;
  readonly crew: Crew;
  readonly certificates: Certificates;
  readonly prompts: Readonly<Record<Language, PromptTable>>;
  /** One make-believe gateway and billing for each system. */
  readonly sandboxPorts: readonly number[];
  readonly #template: string;
  readonly #sandboxes: ChildProcess;

  private constructor(parts: {
    directory: string;
    crew: Crew;
    certificates: Certificates;
    template: string;
    sandboxes: { child: ChildProcess; ports: readonly number[] };
  }) {
    this.directory = parts.directory;
    this.crew = parts.crew;
    this.certificates = parts.certificates;
    this.#template = parts.template;
    this.#sandboxes = parts.sandboxes.child;
    this.sandboxPorts = parts.sandboxes.ports;
    this.prompts = loadPrompts(BUILT_IN_PROMPTS);
  }

  /** @param systems how many will be asked for. */
  static async open(systems: number): Promise<House> {
    const directory = mkdtempSync(join(tmpdir(), 'tl-board-'));
    const certificates = await certificatesFor([GATEWAY_HOST, BILLING_HOST]);
    const caFile = join(directory, 'ca.pem');
    writeFileSync(caFile, certificates.ca);
    const crew = await Crew.open({ NODE_EXTRA_CA_CERTS: caFile });
    const secret = billingSecretOf();
    const [template, sandboxes] = await Promise.all([
      makeTemplate(),
      crew.start({
        role: 'sandboxes',
        settings: Array.from({ length: systems }, (_, n) =>
          sandboxSettings(join(directory, `sandbox-${n}`), secret),
        ),
      }),
    ]);
    return new House({ directory, crew, certificates, template, sandboxes });
  }

  get caFile(): string {
    return join(this.directory, 'ca.pem');
  }

  /** A database of its own with the schema in it. @returns its name. */
  async database(): Promise<string> {
    const name = newId('board', systemRandomness);
    await admin(`create database ${name} template ${this.#template}`);
    return name;
  }

  /** True while the make-believe gateways run: a board whose truth has ended shows nothing. */
  get whole(): boolean {
    return this.#sandboxes.exitCode === null && this.#sandboxes.signalCode === null;
  }

  async close(): Promise<void> {
    this.crew.close();
    await admin(`drop database ${this.#template} with (force)`);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function makeTemplate(): Promise<string> {
  const name = newId('board', systemRandomness);
  await admin(`create database ${name}`);
  const store = await openPostgres(databaseUrl(name), ports);
  await migrate(store, ports);
  await store.close();
  return name;
}
