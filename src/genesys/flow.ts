import { sleep } from '../system/clock.ts';
import { canonicalJson, fingerprint } from '../payment/fingerprint.ts';
import { CALLS } from './calls.ts';
import { readFlowNames, type FlowInFile, type Use } from './flow-text.ts';
import { placed } from './job-message.ts';
import { marked, noteOf } from './naming.ts';
import { notOurs, type Look, type Part, type Place } from './place.ts';
import { queueName } from './queue.ts';
import { PlatformRefused } from './refusal.ts';
import type { FlowFile } from './wanted.ts';

/** What a job is asked about, and how long: the provider gives up after 16 minutes as well. */
const POLL_MS = 2_000;
const JOB_MS_MAX = 16 * 60_000;
/** An address to put a flow to may be over before it is used; more than twice is another fault. */
const UPLOADS_MAX = 3;

export interface Flow extends FlowFile {
  readonly read: FlowInFile;
}

/** Those that others lead to come first: a flow has to be published to be named by another. */
export function inOrder(files: readonly FlowFile[]): Flow[] {
  const flows = files.map((file) => ({ ...file, read: readFlowNames(file.text) }));
  const left = new Set(flows);
  const ordered: Flow[] = [];
  while (left.size > 0) {
    const names = new Set([...left].map(({ read }) => read.name));
    const ready = [...left].filter(
      ({ read }) => !read.uses.some((use) => use.kind === 'flow' && names.has(use.name)),
    );
    // Flows that lead to each other in a ring: none is first.
    const next = ready.length > 0 ? ready : [...left];
    for (const flow of next) left.delete(flow);
    ordered.push(...next);
  }
  return ordered;
}

export const flowPart = (place: Place, flow: Flow): Part => ({
  kind: 'flow',
  name: place.named(flow.read.name),
  look: () => lookAtFlow(place, flow),
});

export async function findFlow(place: Place, { read }: Flow) {
  const name = place.named(read.name);
  const all = await place.list(CALLS.listFlows, { name });
  const type = read.root.toLowerCase();
  return (
    all.find(
      (one) => one.name === name && (one.type ?? '').toLowerCase() === type && one.deleted !== true,
    ) ?? null
  );
}

/** What stands in the organisation for what a flow names. */
function nameOf(place: Place, { kind, name }: Use): string {
  if (kind === 'data action') return place.actionNames.get(name) ?? place.named(name);
  if (kind === 'queue' && name === place.wanted.queue.inFlows) return queueName(place);
  return place.named(name);
}

interface Publication {
  readonly text: string;
  readonly description: string;
  /** What is not there yet. */
  readonly missing: readonly string[];
}

/**
 * A flow's text cannot be read back without an export, so its description carries a short hash of what was
 * published: the text, and the ids of everything that it names. Where one of those is made anew, Genesys
 * keeps the flow bound to the one before, and the hash says that it has to be published again.
 */
function publicationOf(place: Place, { read }: Flow): Publication {
  const names = (description: string) => ({
    name: place.named(read.name),
    description,
    division: place.wanted.division,
    category: (name: string) => place.named(name),
    of: (use: Use) => nameOf(place, use),
  });
  const bound = read.uses.map((use) => {
    const name = nameOf(place, use);
    return { named: `${use.kind} ${name}`, id: place.idOf(use.kind, name) };
  });
  const content = canonicalJson({ text: read.rename(names(read.description)), bound });
  const hash = fingerprint(content).slice(0, 16);
  const description = marked(read.description, place.wanted.prefix, hash);
  return {
    text: read.rename(names(description)),
    description,
    missing: bound.filter(({ id }) => id === null).map(({ named }) => named),
  };
}

async function lookAtFlow(place: Place, flow: Flow): Promise<Look> {
  const { wanted } = place;
  const name = place.named(flow.read.name);
  const put = (): Promise<void> => publish(place, flow);
  const found = await findFlow(place, flow);
  if (found === null) return { verdict: 'create', put };
  const note = noteOf(found.description, wanted.prefix);
  if (note === null && !wanted.adopt) return notOurs('flow', name);
  place.found('flow', name, found.id);
  const { description, missing } = publicationOf(place, flow);
  const { publishedVersion, savedVersion, lockedUser } = found;
  const differences: string[] = [];
  if (missing.length > 0) differences.push(`it is bound anew to ${listed(missing)}`);
  else if (found.description !== description) {
    differences.push('its text, or something that it names, is not what was published last');
  }
  const stranger = strangerOf(publishedVersion, wanted.clientId);
  if (!publishedVersion) differences.push('it is not published');
  else if (stranger !== null) differences.push(`${stranger} published it last`);
  if (differences.length > 0) {
    if (!lockedUser) return { verdict: 'change', differences, put };
    const reason = `${lockedUser.name ?? 'Somebody'} is working on the flow ${name}: ask them to check it in.`;
    return { verdict: 'refused', reason };
  }
  const unpublished = Boolean(savedVersion?.id) && savedVersion?.id !== publishedVersion?.id;
  return unpublished
    ? { verdict: 'left', remark: 'somebody has saved changes in Architect that are not published' }
    : { verdict: 'left' };
}

function listed(names: readonly string[]): string {
  const [first = '', ...more] = names;
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

interface Published {
  readonly createdBy?: { readonly name?: string | null | undefined } | null | undefined;
  readonly createdByClient?:
    | { readonly id?: string | null | undefined; readonly name?: string | null | undefined }
    | null
    | undefined;
}

/** Who published it, where Genesys says that and it was not this client. */
function strangerOf(version: Published | null | undefined, clientId: string): string | null {
  const { createdByClient: client, createdBy: person } = version ?? {};
  if (client?.id) return client.id === clientId ? null : (client.name ?? 'another OAuth client');
  return person ? (person.name ?? 'a person') : null;
}

/** Job, upload, and then asking until the job has ended. */
async function publish(place: Place, flow: Flow): Promise<void> {
  const { platform, clock } = place;
  const name = place.named(flow.read.name);
  const { text } = publicationOf(place, flow);
  const jobId = await handOver(place, name, text);
  const endMs = clock.monotonicMs() + JOB_MS_MAX;
  for (;;) {
    const job = await platform.send(CALLS.readFlowJob, {
      names: { jobId },
      query: { expand: 'messages' },
      about: name,
    });
    if (job.status === 'Success') {
      if (job.flow?.id) place.found('flow', name, job.flow.id);
      return;
    }
    const said = (job.messages ?? []).map((message) => placed(message.text ?? '', flow.file, text));
    if (job.status === 'Failure') throw failed(name, said);
    if (clock.monotonicMs() >= endMs) {
      throw failed(name, [`the job ${jobId} has not ended after ${JOB_MS_MAX / 60_000} minutes`]);
    }
    await sleep(clock, POLL_MS);
  }
}

async function handOver(place: Place, name: string, text: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const job = await place.platform.send(CALLS.addFlowJob, { about: name });
    const upload = await place.platform.upload(job.presignedUrl, job.headers ?? {}, text);
    if (upload.kind === 'taken') return job.id;
    if (tries >= UPLOADS_MAX) {
      throw failed(name, [
        'the address that Genesys gave for it does not take it: it is over, or the clock of this machine is wrong',
      ]);
    }
  }
}

function failed(name: string, said: readonly string[]): PlatformRefused {
  const lines = said.length === 0 ? ['Genesys does not say why.'] : said;
  return new PlatformRefused(
    CALLS.readFlowJob,
    null,
    `The flow ${name} was not published:\n  ${lines.join('\n  ')}\n`,
    'What was published before is unchanged. Correct it and run it again: it goes on from here.',
    `publish the flow ${name}`,
  );
}
