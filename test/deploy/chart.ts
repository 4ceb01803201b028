import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ConfigMap, Container, PodSpec, Service, Volume } from 'kubernetes-types/core/v1.d.ts';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { findHelm } from '../helm.ts';
import { ROOT } from './dockerfile.ts';

export const CHART = join(ROOT, 'deploy', 'helm', 'tokenline');

/** What the chart makes, by kind. */
export interface Kinds {
  readonly ConfigMap: ConfigMap;
  readonly Deployment: Deployment;
  readonly HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  readonly NetworkPolicy: NetworkPolicy;
  readonly PodDisruptionBudget: PodDisruptionBudget;
  readonly Service: Service;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/** @returns its exit code, and what it wrote. */
export function helm(...words: readonly string[]): { status: number | null; text: string } {
  const program = findHelm();
  if (program === null) {
    throw new Error('Helm is not here: "npm test -- test/deploy/chart.test.ts" fetches it');
  }
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', cwd: CHART });
  return { status, text: status === 0 ? stdout : stderr };
}

/** A release, rendered by Helm. */
export class Rendered {
  readonly release: string;
  readonly text: string;
  readonly manifests: readonly Manifest[];

  constructor(release: string, ...words: readonly string[]) {
    const { status, text } = helm('template', release, '.', ...words);
    if (status !== 0) throw new Error(text);
    this.release = release;
    this.text = text;
    this.manifests = parseAllDocuments(text).map((document) => {
      if (document.errors.length > 0) throw new Error(String(document.errors[0]));
      return document.toJS() as Manifest;
    });
  }

  all<K extends keyof Kinds>(kind: K): readonly (Manifest & Kinds[K])[] {
    return this.manifests.filter((one): one is Manifest & Kinds[K] => one.kind === kind);
  }

  /** By the end of its name: what follows the release's. */
  one<K extends keyof Kinds>(kind: K, end: string): Manifest & Kinds[K] {
    const found = this.all(kind).filter(({ metadata }) => metadata.name.endsWith(end));
    const [only] = found;
    if (only === undefined || found.length > 1) throw new Error(`${found.length} ${kind} ${end}`);
    return only;
  }

  pod(role: string): PodSpec {
    const pod = this.one('Deployment', `-${role}`).spec?.template.spec;
    if (pod === undefined) throw new Error(`${role} has no pod`);
    return pod;
  }

  get pods(): readonly (readonly [role: string, pod: PodSpec])[] {
    return this.all('Deployment').map(({ metadata }) => {
      const role = metadata.labels?.['app.kubernetes.io/component'] ?? '';
      return [role, this.pod(role)];
    });
  }
}

/** Those that run before, and those that stay. */
export function containersOf(pod: PodSpec): readonly Container[] {
  return [...(pod.initContainers ?? []), ...pod.containers];
}

export function containerOf(pod: PodSpec, name: string): Container {
  const found = containersOf(pod).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
}

/** The files that a volume brings, with the Secret and its key that each comes from. */
export function secretFiles(volume: Volume | undefined): ReadonlyMap<string, string> {
  const files = (volume?.projected?.sources ?? []).flatMap(({ secret }) =>
    (secret?.items ?? []).map(({ key, path }) => [path, `${secret?.name}/${key}`] as const),
  );
  const map = new Map(files);
  if (map.size !== files.length) throw new Error('two secrets have one file');
  return map;
}

/**
 * What a container starts with: its configuration and the rest of its environment, with its paths as
 * paths of this machine, and each secret as a file with a text.
 */
export function groundOf(
  rendered: Rendered,
  pod: PodSpec,
  name: string,
  folder: string,
  secrets: Readonly<Record<string, string>>,
): { file: string; env: Record<string, string> } {
  mkdirSync(folder, { recursive: true });
  const container = containerOf(pod, name);
  const at = (mountPath: string): Volume | undefined => {
    const mount = container.volumeMounts?.find((one) => one.mountPath === mountPath);
    return pod.volumes?.find((one) => one.name === mount?.name);
  };
  for (const [secret] of secretFiles(at('/run/secrets'))) {
    const text = secrets[secret];
    if (text === undefined) throw new Error(`the test knows no secret ${secret}`);
    writeFileSync(join(folder, secret), text, { mode: 0o600 });
  }
  const here = (text: string): string =>
    text.replaceAll('/run/secrets', folder).replaceAll('/etc/tokenline', folder);
  const map = at('/etc/tokenline')?.configMap?.name;
  const { data = {} } =
    rendered.all('ConfigMap').find(({ metadata }) => metadata.name === map) ?? {};
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), here(text));
  const env = (container.env ?? []).map(({ name: variable, value }) => {
    if (value === undefined) throw new Error(`${variable} has no value of its own`);
    return [variable, here(value)] as const;
  });
  const { TOKENLINE_CONFIG: file = '', ...rest } = Object.fromEntries(env);
  return { file, env: rest };
}

const MODULES: Readonly<Record<string, string>> = {
  ConfigMap: 'core/v1',
  Deployment: 'apps/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  NetworkPolicy: 'networking/v1',
  PodDisruptionBudget: 'policy/v1',
  Service: 'core/v1',
  ServiceAccount: 'core/v1',
};

/**
 * Holds manifests against the types of Kubernetes' own API, as the compiler does for an object that is
 * written out: a field that does not exist is an error. @returns what the compiler minds.
 */
export function againstKubernetes(manifests: readonly Manifest[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  const types = join(ROOT, 'node_modules', 'kubernetes-types');
  const lines = manifests.map((one, index) => {
    const module = MODULES[one.kind];
    if (module === undefined) throw new Error(`${one.kind} is no kind that is known here`);
    const type = `import(${JSON.stringify(join(types, module))}).${one.kind}`;
    return `export const m${index}: ${type} = ${JSON.stringify(one)};\n`;
  });
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, lines.join(''));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const words = ['--noEmit', '--strict', '--types', '', '--pretty', 'false', file];
  const { stdout } = spawnSync(tsc, words, { encoding: 'utf8', cwd: folder });
  return stdout;
}

export function readChart(path: string): string {
  return readFileSync(join(CHART, path), 'utf8');
}
