import type { Look, LogLevel, Survey } from '../genesys/survey.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';

/**
 * What in an organisation could keep the digits that a caller keys: diagnostics of trunks, recordings,
 * execution data of flows. A secure flow is meant to be kept out of all of them; these settings are
 * what is left beside it.
 */
export function digitFindings(
  survey: Survey,
  live: boolean,
  ourFlows: readonly OurFlow[],
): Diagnosis[] {
  return [
    pci(survey, live),
    ...trunks(survey, live),
    executionData(survey, live, ourFlows),
    queue(survey),
  ];
}

export interface OurFlow {
  readonly id: string;
  readonly name: string;
}

/** Who changes settings of an organisation. */
const ADMINISTRATOR = 'A Genesys administrator';

/** Something that cannot be seen by this client: who has to look, and where. */
export function byHand(check: string, what: string, why: string, where: string): Diagnosis {
  return trouble('warn', check, what, why, `Look yourself: ${where}.`);
}

function hiddenBy({ permissions }: Extract<Look<unknown>, { kind: 'hidden' }>): string {
  return permissions.length === 0
    ? 'Genesys did not say'
    : `the client has not ${permissions.join(' and ')}`;
}

function pci({ pci: on }: Survey, live: boolean): Diagnosis {
  const check = 'genesys.pci';
  const how = 'features.pci of the organisation';
  const why =
    'With the setting on, Genesys itself refuses diagnostics of trunks and what else its attestation leaves out.';
  const where = 'Admin > Account Settings > Organization Settings > Settings, PCI DSS compliance';
  if (on === null) return byHand(check, `Genesys did not say (${how})`, why, where);
  if (on) return ok(check, `on (${how})`);
  const todo = `${ADMINISTRATOR}: switch it on under ${where}.`;
  return trouble(live ? 'fail' : 'warn', check, `off (${how})`, why, todo);
}

interface Setting {
  readonly trunk: string;
  readonly name: string;
  readonly value: unknown;
}

function settingsOf(survey: Survey): {
  readonly all: readonly Setting[];
  readonly unread: readonly string[];
} {
  const trunks = survey.trunks.kind === 'seen' ? survey.trunks.value : [];
  const all = trunks.flatMap(({ name: trunk, properties }) =>
    Object.entries(properties ?? {}).map(([name, property]) => ({
      trunk,
      name,
      value: instanceOf(property),
    })),
  );
  const external = trunks.filter(({ trunkType }) => trunkType === 'EXTERNAL');
  const unread = external.filter(({ properties }) => Object.keys(properties ?? {}).length === 0);
  return { all, unread: unread.map(({ name }) => name) };
}

/** `{"value": {"instance": true}}`, as exports of trunks show it. */
function instanceOf(property: unknown): unknown {
  const value = memberOf(property, 'value');
  return memberOf(value, 'instance') ?? null;
}

function memberOf(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined;
  return Object.entries(of).find(([key]) => key === name)?.[1];
}

const RECORDING: ReadonlySet<string> = new Set([
  'trunk_recording_enabled',
  'trunk_consult_recording_enabled',
  'trunk_recording_externalTransfersEnabled',
]);

const isDiagnostics = (name: string): boolean => /^trunk_diagnostic_\w*enabled$/i.test(name);

function named(settings: readonly Setting[]): string {
  return settings.map(({ trunk, name, value }) => `${trunk}: ${name} ${String(value)}`).join('; ');
}

function trunks(survey: Survey, live: boolean): Diagnosis[] {
  const check = 'genesys.trunks';
  const why =
    'What a trunk keeps for diagnosis is not encrypted and has every key in it, and a recording has every word (PCI DSS 3.3.1).';
  const where =
    'Admin > Telephony > Trunks, at each trunk that carries callers: Diagnostics (off), Media (DTMF method RTP Events), Recording';
  if (survey.trunks.kind === 'hidden') {
    return [byHand(check, `not seen: ${hiddenBy(survey.trunks)}`, why, where)];
  }
  const { all, unread } = settingsOf(survey);
  const diagnostics = all.filter(({ name, value }) => isDiagnostics(name) && value === true);
  const recordings = all.filter(({ name, value }) => RECORDING.has(name) && value === true);
  const audible = all.filter(
    ({ name, value }) => name === 'trunk_media_dtmf_method' && value !== 'RTP Events',
  );
  return [
    diagnostics.length === 0
      ? ok('genesys.trunks.diagnostics', 'no trunk keeps signalling or media for diagnosis')
      : trouble(
          live ? 'fail' : 'warn',
          'genesys.trunks.diagnostics',
          named(diagnostics),
          why,
          `${ADMINISTRATOR}: switch it off at the trunk, and delete what it has kept.`,
        ),
    recordings.length === 0
      ? ok('genesys.trunks.recording', 'no trunk records')
      : trouble(
          'warn',
          'genesys.trunks.recording',
          named(recordings),
          'Genesys records nothing while a caller is in a secure flow; a card that is read aloud to an agent is in the recording.',
          `${ADMINISTRATOR}: leave it if agents never take a card by word, and see that a policy deletes such recordings.`,
        ),
    audible.length === 0
      ? ok('genesys.trunks.keys', 'keys travel as RTP events on every trunk')
      : trouble(
          'warn',
          'genesys.trunks.keys',
          named(audible),
          'A key that travels as a tone is part of what is heard and recorded.',
          `${ADMINISTRATOR}: choose RTP Events as DTMF method, with the carrier’s agreement.`,
        ),
    ...(unread.length === 0
      ? []
      : [byHand(check, `not seen: settings of ${unread.join(', ')}`, why, where)]),
  ];
}

/** Levels that keep values; from the help page "Historical execution data overview". */
const LEVELS_WITH_VALUES: ReadonlySet<string> = new Set(['Notes', 'VerboseNotes', 'All']);

const keeps = ({ level, keepsValues }: LogLevel): boolean =>
  keepsValues || (level !== null && LEVELS_WITH_VALUES.has(level));

function executionData(survey: Survey, live: boolean, ourFlows: readonly OurFlow[]): Diagnosis {
  const check = 'genesys.execution_data';
  const why =
    'From level Notes on it has the values of variables, at All what a data action gets. That secure variables are left out is not in Genesys’ documents.';
  const where =
    'Admin > Account Settings > Organization Settings > Settings, Execution Data; and in Architect the log level of each flow named Tokenline';
  const { executionData: kept, defaultLogLevel, logLevels } = survey;
  if (kept.kind === 'seen' && kept.value === false) return ok(check, 'none is kept');
  for (const seen of [kept, defaultLogLevel, logLevels]) {
    if (seen.kind === 'hidden') return byHand(check, `not seen: ${hiddenBy(seen)}`, why, where);
  }
  const own = logLevels.kind === 'seen' ? logLevels.value : new Map<string, LogLevel>();
  const other = defaultLogLevel.kind === 'seen' ? defaultLogLevel.value : null;
  const talking = ourFlows.flatMap(({ id, name }) => {
    const level = own.get(id) ?? other;
    return level !== null && keeps(level) ? [`${name}: ${level.level ?? 'values'}`] : [];
  });
  if (talking.length === 0) return ok(check, 'kept without values (level Base or lower)');
  const todo = `${ADMINISTRATOR}: set the log level of these flows to Base, or switch the storage off under Organization Settings. Genesys deletes what is there after 10 days.`;
  return trouble(live ? 'fail' : 'warn', check, talking.join('; '), why, todo);
}

function queue(survey: Survey): Diagnosis {
  const check = 'genesys.queue';
  const where = 'Admin > Contact Center > Queues, at the queue of genesys.queue';
  if (survey.queue.kind === 'hidden') {
    const what = `not seen: ${hiddenBy(survey.queue)}`;
    return byHand(check, what, 'Callers who want a person go there.', where);
  }
  const found = survey.queue.value;
  if (found === null) {
    const why = 'Every flow passes callers to it.';
    return trouble('fail', check, 'there is none', why, 'Run: tokenline genesys apply.');
  }
  const wrong = [
    ...(found.memberCount === 0 ? ['it has no members'] : []),
    ...(found.suppressInQueueCallRecording === false ? ['waiting callers are recorded'] : []),
    ...(found.enableTranscription === true ? ['calls are transcribed'] : []),
  ];
  if (wrong.length === 0) return ok(check, `${found.name ?? ''}, without recording in the queue`);
  const why = 'Nobody answers an empty queue; a card that is said aloud stays in what is kept.';
  return trouble('warn', check, wrong.join('; '), why, `A supervisor: ${where}.`);
}
