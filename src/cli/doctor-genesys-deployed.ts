import { familyNumber } from '../genesys/data-action.ts';
import { isHeld, type Survey } from '../genesys/survey.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { byHand } from './doctor-genesys-digits.ts';

/** A data action as it should be. */
export interface ActionWanted {
  readonly name: string;
  readonly secure: boolean;
  /** Where it should go, without a slash at the end: `https://pay.example.com`; `null` where the configuration does not say. */
  readonly origin: string | null;
  /** Who answers: what the gateway answers itself is not under `limits.deadline_ms`. */
  readonly answers: 'bridge' | 'gateway';
}

export interface Wanted {
  readonly actions: readonly ActionWanted[];
  readonly flows: readonly string[];
  readonly permissions: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** All retries included. */
  readonly deadlineMs: number;
}

/** What is deployed, and whether the client may deploy. */
export function deployedFindings(survey: Survey, wanted: Wanted): Diagnosis[] {
  return [
    permissions(survey, wanted),
    flows(survey, wanted),
    ...actions(survey, wanted),
    limits(survey, wanted),
  ];
}

function permissions(
  { permissions: held }: Survey,
  { permissions: { read, write } }: Wanted,
): Diagnosis {
  const check = 'genesys.permissions';
  const why = 'A deployment that stops half-way leaves flows that name what is not there.';
  const where = 'Admin > Integrations > OAuth, the client’s Roles, and Admin > Roles / Permissions';
  if (held.kind === 'hidden') return byHand(check, 'Genesys did not say', why, where);
  const missing = (wanted: readonly string[]): string[] =>
    wanted.filter((permission) => !isHeld(permission, held.value));
  const [forPlan, all] = [missing(read), [...new Set([...missing(read), ...missing(write)])]];
  if (all.length === 0) {
    const count = new Set([...read, ...write]).size;
    return ok(check, `the client has all ${count} that deploying wants`);
  }
  const says = `missing for ${forPlan.length > 0 ? 'plan and apply' : 'apply'}: ${all.join(', ')}`;
  const todo = `A Genesys administrator: add them to a role of the client (${where}).`;
  return trouble('fail', check, says, why, todo);
}

function flows({ flows: seen }: Survey, { flows: wanted }: Wanted): Diagnosis {
  const check = 'genesys.flows';
  const why = 'Calls cannot reach what has not been published.';
  if (seen.kind === 'hidden') {
    return byHand(
      check,
      'the client may not see flows',
      why,
      'Architect, the flows named Tokenline',
    );
  }
  const missing = wanted.filter(
    (name) => !seen.value.some((flow) => flow.name === name && flow.publishedVersion?.id),
  );
  if (missing.length === 0) return ok(check, `${wanted.length} published`);
  const says = `not published: ${missing.join(', ')}`;
  return trouble('warn', check, says, why, 'Run: tokenline genesys apply.');
}

type Deployed = Extract<Survey['actions'], { kind: 'seen' }>['value'][number];

interface Pair {
  readonly wanted: ActionWanted;
  readonly deployed: Deployed;
}

/** Genesys’ own where a data action says nothing (help: "Add configuration to custom actions"). */
const TIMEOUT_SECONDS_DEFAULT = 60;
/** What an answer needs to get back, and Genesys to take it. */
const WAY_BACK_MS = 1000;

function actions({ actions: seen }: Survey, { actions: wanted, deadlineMs }: Wanted): Diagnosis[] {
  const check = 'genesys.actions';
  const where = 'Admin > Integrations > Actions, category Tokenline';
  if (seen.kind === 'hidden') {
    const why = 'Card digits go where a data action says, in the way it says.';
    return [byHand(check, 'the client may not see data actions', why, where)];
  }
  const pairs = wanted.flatMap((action): Pair[] =>
    seen.value
      .filter(({ name }) => familyNumber(action.name, name) !== null)
      .map((deployed) => ({ wanted: action, deployed })),
  );
  const names = (of: readonly Pair[]): string =>
    of.map(({ deployed }) => deployed.name ?? deployed.id).join(', ');
  const takers = pairs.filter((pair) => pair.wanted.secure);
  const open = takers.filter(({ deployed }) => deployed.secure !== true);
  const hasty = pairs.filter(
    ({ wanted: { answers }, deployed }) =>
      answers === 'bridge' &&
      (deployed.config?.timeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT) * 1000 <
        deadlineMs + WAY_BACK_MS,
  );
  const missing = wanted.filter((action) => !pairs.some((pair) => pair.wanted === action)).length;
  const apply = 'Run: tokenline genesys apply.';
  return [
    missing === 0
      ? ok(check, `${pairs.length} are there`)
      : trouble(
          'warn',
          check,
          `${missing} of ${wanted.length} are missing`,
          'A flow that names one is not published.',
          apply,
        ),
    open.length === 0
      ? ok(
          'genesys.secure',
          `marked secure: ${takers.length === 0 ? 'none is deployed' : names(takers)}`,
        )
      : trouble(
          'fail',
          'genesys.secure',
          `not marked secure: ${names(open)}`,
          'Only what is marked secure is meant to be given card digits, and may be given a secure variable.',
          'Genesys cannot change the mark. Remove the data action, and run: tokenline genesys apply.',
        ),
    hosts(pairs),
    hasty.length === 0
      ? ok('genesys.timeouts', `all wait longer than limits.deadline_ms (${deadlineMs / 1000} s)`)
      : trouble(
          'fail',
          'genesys.timeouts',
          `they give up within ${deadlineMs / 1000} s: ${names(hasty)}`,
          'Genesys would hang up on an answer that is still coming; the caller hears that we do not know.',
          'Lower limits.deadline_ms, or run: tokenline genesys apply.',
        ),
  ];
}

function hosts(pairs: readonly Pair[]): Diagnosis {
  const check = 'genesys.hosts';
  const goesTo = ({ deployed }: Pair): string =>
    `${deployed.name ?? deployed.id} goes to ${originOf(templateOf(deployed)) ?? 'nowhere'}`;
  const why = 'Card digits, or questions about subscribers, are sent where a data action says.';
  const direct = pairs.some(({ wanted }) => wanted.answers === 'gateway');
  const keys = direct
    ? 'genesys.bridge_url or gateway.url'
    : 'genesys.bridge_url or genesys.tokenizer_url';
  const open = pairs.filter(({ wanted }) => wanted.origin === null);
  if (open.length > 0) {
    const says = `${keys} is not set; ${open.map(goesTo).join('; ')}`;
    return trouble('warn', check, says, why, 'Set both, so that the two can be compared.');
  }
  const elsewhere = pairs.filter(
    ({ wanted, deployed }) => !templateOf(deployed).startsWith(`${wanted.origin ?? ''}/`),
  );
  if (elsewhere.length === 0) {
    return ok(check, `${pairs.length} go to ${keys}`);
  }
  const todo =
    'Find out who changed it (Admin > Integrations > Actions), then run: tokenline genesys apply.';
  return trouble('fail', check, elsewhere.map(goesTo).join('; '), why, todo);
}

const templateOf = ({ config }: Deployed): string => config?.request?.requestUrlTemplate ?? '';

function originOf(template: string): string | null {
  return /^https?:\/\/[^/?#$]+/i.exec(template)?.[0] ?? null;
}

/** Of the developer centre's page of limits and the resiliency blueprint of Genesys. */
const CONCURRENT = { key: 'actions.concurrent.executions.max', usual: 50 };
const PER_MINUTE = { key: 'requests.volume.max', usual: 2500 };

function limits({ limits: seen }: Survey, { deadlineMs }: Wanted): Diagnosis {
  const check = 'genesys.limits';
  const seconds = deadlineMs / 1000;
  const why = `They hold for the whole organisation. A request may take ${seconds} s here, so that slow answers fill the places of every other flow too.`;
  const where = `https://developer.genesys.cloud/organization/organization/limits, Data Actions (usually ${CONCURRENT.usual} at once and ${PER_MINUTE.usual} a minute)`;
  const [concurrent, perMinute] =
    seen.kind === 'seen'
      ? [seen.value.get(CONCURRENT.key), seen.value.get(PER_MINUTE.key)]
      : [undefined, undefined];
  if (concurrent === undefined || perMinute === undefined) {
    return byHand(check, 'Genesys did not say how many data actions may run', why, where);
  }
  const says = `${concurrent} data actions at once, ${perMinute} a minute`;
  if (concurrent >= CONCURRENT.usual && perMinute >= PER_MINUTE.usual) return ok(check, says);
  const todo =
    'A Genesys administrator: ask Genesys’ support to raise it, or lower limits.deadline_ms.';
  return trouble('warn', check, says, why, todo);
}
