import type { Models } from 'purecloud-platform-client-v2';
import { parse } from 'yaml';
import {
  gone,
  named,
  notFound,
  ok,
  refusal,
  type Answer,
  type Ask,
  type Organisation,
  type Routes,
} from './organisation.ts';

/** How the double's Architect behaves; a test changes it. */
export interface ArchitectMood {
  /** How often a job is still at work when it is asked. */
  polls: number;
  /** Addresses whose time is over when they are used, counted down. */
  expired: number;
  /** Text of the error that every job ends with; `null` for none. */
  failure: string | null;
  /** How often an export job is still at work when it is asked. */
  exportPolls: number;
  /** Text of the error that every export ends with; `null` for none. */
  exportFailure: string | null;
  /** Versions that were asked for. */
  readonly exportedVersions: (string | undefined)[];
  /** Flows that a person is working on, by name. */
  readonly locked: Set<string>;
}

interface Job {
  readonly id: string;
  readonly uploadHeaders: Readonly<Record<string, string>>;
  polls: number;
  state: Models.ArchitectJobStateResponse;
}

const TYPES: Readonly<Record<string, string>> = {
  inboundCall: 'INBOUNDCALL',
  secureCall: 'SECURECALL',
};

/** Flows, their publication by a job, and their export by another. */
export class Flows {
  readonly #org: Organisation;
  readonly #mood: ArchitectMood;
  readonly #jobs = new Map<string, Job>();
  readonly #exports = new Map<
    string,
    { polls: number; readonly state: Models.ArchitectExportJobStateResponse }
  >();
  readonly #texts = new Map<string, string>();
  /** Set when the double listens. */
  origin = '';

  constructor(org: Organisation, mood: ArchitectMood) {
    this.#org = org;
    this.#mood = mood;
  }

  routes(): Routes {
    const org = this.#org;
    return {
      'GET /api/v2/flows': (ask) => {
        const { name, type } = ask.query;
        const kinds = (Array.isArray(type) ? type : [type]).map((kind) =>
          String(kind).toLowerCase(),
        );
        const found = (named(org.flows.values(), name) as Models.Flow[]).filter(
          (flow) => type === undefined || kinds.includes((flow.type ?? '').toLowerCase()),
        );
        return org.page(found, ask);
      },
      'POST /api/v2/flows/jobs': () => this.#register(),
      'GET /api/v2/flows/jobs/{jobId}': ({ names }) => this.#stateOf(names['jobId'] ?? ''),
      'DELETE /api/v2/flows/{flowId}': ({ names }) => this.#remove(names['flowId'] ?? ''),
      'POST /api/v2/flows/export/jobs': ({ body }) => this.#export(body),
      'GET /api/v2/flows/export/jobs/{jobId}': ({ names }) => {
        const id = names['jobId'] ?? '';
        const job = this.#exports.get(id);
        if (job === undefined) return notFound('the job');
        job.polls -= 1;
        return ok(job.polls >= 0 ? { id, status: 'Started' } : job.state);
      },
    };
  }

  /** A file at an address that was given out; `null` where there is no such address. */
  upload(path: string, headers: Readonly<Record<string, string>>, text: string): Answer | null {
    const job = this.#jobs.get(/^\/uploads\/([^/]+)$/.exec(path)?.[1] ?? '');
    if (job === undefined) return null;
    if (this.#mood.expired > 0) {
      this.#mood.expired -= 1;
      return {
        status: 403,
        body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
      };
    }
    for (const [name, value] of Object.entries(job.uploadHeaders)) {
      if (headers[name] !== value) {
        return { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' };
      }
    }
    job.state = { ...job.state, ...this.#publish(text) };
    return { status: 200, body: '' };
  }

  /** An exported flow; `null` where there is none at this address. */
  download(path: string): string | null {
    return this.#texts.get(path) ?? null;
  }

  #register(): Answer {
    const id = this.#org.id('job');
    const uploadHeaders = { 'x-amz-meta-jobid': id, 'x-amz-tagging': 'origin=architect' };
    const state = { id, status: 'Started', command: 'Publish' };
    this.#jobs.set(id, { id, uploadHeaders, polls: this.#mood.polls, state });
    return ok({ id, presignedUrl: `${this.origin}/uploads/${id}`, headers: uploadHeaders });
  }

  #stateOf(id: string): Answer {
    const job = this.#jobs.get(id);
    if (job === undefined) return notFound('the job');
    job.polls -= 1;
    const { command = '' } = job.state;
    return job.polls >= 0 ? ok({ id, status: 'Running', command }) : ok(job.state);
  }

  /** What a flow names has to be there; it is bound to that from then on, by id. */
  #publish(text: string): Models.ArchitectJobStateResponse {
    const failed = (...texts: string[]): Models.ArchitectJobStateResponse => ({
      status: 'Failure',
      messages: texts.map((said) => ({ type: 'Error', text: said })),
    });
    if (this.#mood.failure !== null) return failed(this.#mood.failure);
    const [first] = Object.entries(parse(text) as Record<string, FlowText>);
    if (first === undefined) return failed('There is no flow in the file.');
    const [root, flow] = first;
    const type = TYPES[root];
    if (type === undefined) return failed(`${root} is not a type of flow.`);
    const { name, description, division } = flow;
    if (this.#mood.locked.has(name)) return failed(`The flow ${name} is locked by Pat Person.`);
    if (!this.#org.divisions.some((one) => one.name === division)) {
      return failed(`There is no division ${division}.`);
    }
    const { bound, problems } = this.#bind(flow, text);
    if (problems.length > 0) return failed(...problems);
    const known = [...this.#org.flows.values()].find(
      (one) => one.name === name && one.type === type,
    );
    const id = known?.id ?? this.#org.id('flow');
    const version: Models.FlowVersion = {
      id: this.#org.id('version'),
      createdByClient: { id: this.#org.clientId },
      datePublished: this.#org.date(),
    };
    this.#org.flows.set(id, {
      id,
      name,
      type,
      description,
      active: true,
      deleted: false,
      publishedVersion: version,
      savedVersion: version,
    });
    this.#org.flowTexts.set(id, text);
    this.#org.bindings.set(id, bound);
    return { status: 'Success', flow: { id } };
  }

  #bind(flow: unknown, text: string): { bound: Set<string>; problems: string[] } {
    const org = this.#org;
    const bound = new Set<string>();
    const problems: string[] = [];
    const lineOf = (word: string): number => text.slice(0, text.indexOf(word)).split('\n').length;
    const want = (
      kind: string,
      word: string,
      found: { readonly id?: string } | undefined,
    ): void => {
      if (found?.id !== undefined) bound.add(found.id);
      else problems.push(`The ${kind} "${word}" could not be found. (line ${lineOf(word)})`);
    };
    const of = (kept: ReadonlyMap<string, Named>, word: string): Named | undefined =>
      [...kept.values()].find(({ name }) => name === word);
    walk(flow, (key, value) => {
      if (key === 'prompt' && typeof value === 'string') {
        const word = value.replace('Prompt.', '');
        want('user prompt', word, of(org.prompts, word));
      }
      if (key === 'category') {
        for (const [category, inner] of Object.entries(value as object)) {
          for (const action of Object.keys((inner as { dataAction: object }).dataAction)) {
            const found = [...org.actions.values()].find(
              (one) => one.category === category && one.name === action,
            );
            want('data action', action, found);
          }
        }
      }
      const name = (value as { lit?: { name?: string } } | null)?.lit?.name ?? '';
      if (key === 'targetQueue') want('queue', name, of(org.queues, name));
      if (key === 'acdSkill') want('skill', name, of(org.skills, name));
      if (key === 'targetFlow') {
        const target = (value as { name: string }).name;
        want('flow', target, of(org.flows, target));
      }
    });
    return { bound, problems };
  }

  #remove(id: string): Answer {
    const org = this.#org;
    if (!org.flows.has(id)) return notFound('the flow');
    if (org.consumersOf(id).length > 0) return refusal(409, 'flow.in.use', 'The flow is in use.');
    org.flows.delete(id);
    org.flowTexts.delete(id);
    org.bindings.delete(id);
    return gone;
  }

  #export(body: Ask['body']): Answer {
    const id = this.#org.id('export');
    const [asked] = (body['flows'] as Models.ExportDetails[]) ?? [];
    const text = this.#org.flowTexts.get(asked?.flow.id ?? '');
    this.#mood.exportedVersions.push(asked?.flow.version);
    const failure =
      text === undefined ? 'could not find the flow with id' : this.#mood.exportFailure;
    const messages = [{ type: 'Error', text: failure ?? '' }];
    const downloadUrl = `${this.origin}/exports/${id}`;
    this.#texts.set(`/exports/${id}`, text ?? '');
    const state =
      failure === null
        ? { id, status: 'Success', downloadUrl }
        : { id, status: 'Failure', messages };
    this.#exports.set(id, { polls: this.#mood.exportPolls, state });
    return ok({ id, status: 'Started', totalFlows: 1 });
  }
}

interface FlowText {
  readonly name: string;
  readonly description: string;
  readonly division: string;
}

interface Named {
  readonly id?: string;
  readonly name?: string;
}

/** Every key with its value, however deep. */
function walk(node: unknown, see: (key: string, value: unknown) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, see);
  else if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) {
      // `prompt` is an output of data actions as well.
      if (!(key === 'prompt' && typeof value !== 'string')) see(key, value);
      walk(value, see);
    }
  }
}
