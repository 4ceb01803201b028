import { sleep, type Clock } from '../system/clock.ts';
import { CALLS } from './calls.ts';
import type { Platform } from './platform.ts';

/** A flow that is wanted from the organisation. */
export interface Wanted {
  readonly name: string;
  /** As the platform API writes it: `INBOUNDCALL`. Case does not count. */
  readonly type: string;
}

export type Exported =
  | { readonly kind: 'exported'; readonly text: string; readonly version: string | null }
  /** The organisation has no flow of this name and type. */
  | { readonly kind: 'absent' }
  /** It has one, which has never been published. */
  | { readonly kind: 'unpublished' }
  /** Genesys could not write it; its own words. */
  | { readonly kind: 'failed'; readonly messages: readonly string[] };

/** The provider for Terraform asks every two seconds as well. */
const POLL_MS = 2_000;
/** A flow of two thousand lines is written in seconds; a job that stands still is not waited for. */
const EXPORT_BUDGET_MS = 300_000;

/**
 * The published version of each flow in Archy's YAML, by one export job each: several flows of one job
 * come in an archive. Nothing in the organisation is changed.
 *
 * @throws {PlatformRefused}
 */
export async function exportFlows(
  platform: Platform,
  wanted: readonly Wanted[],
  clock: Clock,
): Promise<readonly Exported[]> {
  const flows = await platform.all(CALLS.listFlows);
  const exported: Exported[] = [];
  for (const { name, type } of wanted) {
    const found = flows.find(
      (flow) =>
        flow.name === name &&
        flow.deleted !== true &&
        flow.type?.toLowerCase() === type.toLowerCase(),
    );
    const version = found?.publishedVersion?.id ?? null;
    if (found === undefined) exported.push({ kind: 'absent' });
    else if (version === null) exported.push({ kind: 'unpublished' });
    else exported.push(await exportFlow(platform, { id: found.id, name, version }, clock));
  }
  return exported;
}

interface Published {
  readonly id: string;
  readonly name: string;
  /** Without it the job writes what is being edited. */
  readonly version: string;
}

async function exportFlow(platform: Platform, flow: Published, clock: Clock): Promise<Exported> {
  const { id, version } = flow;
  const about = `flow ${flow.name}`;
  // `ExportDetails` of the SDK: `Yaml` or `Architect`.
  const body = { flows: [{ flow: { id, version }, exportType: 'Yaml' }] };
  const job = await platform.send(CALLS.addExportJob, { body, about });
  const untilMs = clock.monotonicMs() + EXPORT_BUDGET_MS;
  const names = { jobId: job.id };
  const query = { expand: 'messages' };
  for (;;) {
    const state = await platform.send(CALLS.readExportJob, { names, query, about });
    const messages = (state.messages ?? []).flatMap(({ text }) => text ?? []);
    if (state.status === 'Success' && typeof state.downloadUrl === 'string') {
      const text = await platform.download(state.downloadUrl);
      return { kind: 'exported', text, version };
    }
    if (state.status === 'Success' || state.status === 'Failure')
      return { kind: 'failed', messages };
    if (clock.monotonicMs() >= untilMs) {
      const minutes = EXPORT_BUDGET_MS / 60_000;
      return { kind: 'failed', messages: [`the job is not done after ${minutes} minutes`] };
    }
    await sleep(clock, POLL_MS);
  }
}
