import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './dockerfile.ts';

export interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly deploy?: { readonly replicas?: number };
  readonly [key: string]: unknown;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
}

export function readCompose(name: string): Compose {
  return parse(readFileSync(join(ROOT, 'deploy', name), 'utf8'), { merge: true }) as Compose;
}

/**
 * What a service has in its environment, with the paths of its container as paths of this machine:
 * a secret is a file in `folder`, made with a text where there is none.
 */
export function environmentOf(
  services: readonly (Service | undefined)[],
  folder: string,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  const given = new Set(services.flatMap((service) => service?.secrets ?? []));
  mkdirSync(folder, { recursive: true });
  for (const [name, value] of services.flatMap((one) => Object.entries(one?.environment ?? {}))) {
    const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
    if (secret === undefined) {
      environment[name] = value;
      continue;
    }
    if (!given.has(secret)) throw new Error(`${name} wants a secret that its service has not`);
    const text = secrets[secret];
    if (text === undefined) throw new Error(`the test knows no secret ${secret}`);
    const file = join(folder, secret);
    writeFileSync(file, text, { mode: 0o600 });
    environment[name] = file;
  }
  return environment;
}
