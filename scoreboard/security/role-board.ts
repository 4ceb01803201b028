import { EXAMPLES } from '../../src/contract/examples.ts';
import { routesOf, type RouteId } from '../../src/contract/routes.ts';
import { pathOf } from '../../test/api/running-api.ts';
import { PAN } from '../../test/tokenizer/running-tokenizer.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { auditCells } from './audit-cells.ts';
import { agentCells } from './agent-cells.ts';
import { consoleCells } from './console-cells.ts';
import {
  BESIDE_THE_CONTRACT,
  mayPass,
  WHO_MAY,
  type Door,
  type Leave,
  type Role,
} from './role-table.ts';
import { everybody } from './roles.ts';
import { TwoDoors, type Reached } from './two-doors.ts';

interface Place {
  /** As the table names it. */
  readonly line: string;
  readonly door: Door;
  readonly method: string;
  /** With ids that fit. */
  readonly path: string;
  readonly leave: Leave;
  readonly body: string | null;
  readonly type: string;
}

/** One request: a place, reached in this manner. */
interface Manner {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `place` is that very place; `place or nothing` may also be no place; `nothing` is none. */
  readonly is: 'place' | 'place or nothing' | 'nothing';
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** With these the short form tries every manner; the full one tries all of them with everybody. */
const TELLING = new Set([
  'nobody',
  'calls and cards and operator and auditor',
  'the internal credential',
]);

const BEGIN = {
  client_id: 'c',
  origin: 'o',
  key: null,
  interaction_id: 'i',
  customer_id: 'cu',
  call_id: null,
  attempt: null,
  language: null,
  amount: null,
  currency: null,
  body_hash: 'h',
  card_mac: 'm',
  pan_mac: 'p',
  bin_mac: 'b',
  card_mac_key: 'k',
  card_brand: 'visa',
  card_last4: '4242',
  fault: null,
};

const FINISH = {
  outcome: 'approved',
  error_code: null,
  token_reference: 't',
  network_transaction_id: null,
  gateway_transaction_id: null,
  status_code: 200,
  raw_code: null,
  latency_ms: 1,
  healthy: true,
  budget_ms: 1,
};

/** What a place outside the contract, or without a JSON body in it, is sent. */
const BODIES: Readonly<Record<string, readonly [type: string, body: string]>> = {
  'bridge POST /oauth/token': [
    'application/x-www-form-urlencoded',
    'grant_type=client_credentials',
  ],
  'bridge POST /v1/webhooks/{gateway}': ['application/json', '{}'],
  'internal POST /internal/operations': ['application/json', JSON.stringify(BEGIN)],
  'internal POST /internal/operations/{operation_id}/finish': [
    'application/json',
    JSON.stringify(FINISH),
  ],
  'tokenizer POST /v1/pay-connector': [
    'application/json',
    JSON.stringify({
      transaction_id: 'call-alpha',
      cardnumber: PAN,
      cvv: '737',
      expiry_month: '12',
      expiry_year: '30',
      description: 'Premium',
      method: 'tokenize',
      parameters: { customer_id: 'cus-alpha' },
    }),
  ],
};

function placeOf(line: string, request: unknown): Place {
  const [door = '', method = '', path = ''] = line.split(' ');
  const [type, body] = BODIES[line] ?? [
    'application/json',
    request === null || request === undefined ? null : JSON.stringify(request),
  ];
  return {
    line,
    door: door as Door,
    method,
    path: pathOf(path),
    leave: WHO_MAY[line] ?? 'anyone',
    body,
    type,
  };
}

/** The rows: every route of the contract, and those of the table that are in none. */
function places(violations: Violation[]): Place[] {
  const lines = new Map<string, unknown>();
  for (const door of ['bridge', 'tokenizer'] as const) {
    for (const [id, route] of routesOf(door)) {
      lines.set(`${door} ${route.method} ${route.path}`, EXAMPLES[id satisfies RouteId].request);
    }
  }
  const fail = (what: string): void =>
    void violations.push({ promise: 'deny by default', what, replay: '' });
  for (const line of lines.keys()) {
    if (WHO_MAY[line] === undefined) fail(`nobody has said who may use ${line}`);
  }
  for (const line of Object.keys(WHO_MAY)) {
    if (lines.has(line)) continue;
    if (BESIDE_THE_CONTRACT.has(line)) lines.set(line, null);
    else fail(`${line} is in the table of the board and in no contract`);
  }
  return [...lines].filter(([line]) => WHO_MAY[line] !== undefined).map(([l, r]) => placeOf(l, r));
}

function escaped(path: string): string {
  const at = path.search(/[a-z]/);
  return `${path.slice(0, at)}%${path.charCodeAt(at).toString(16)}${path.slice(at + 1)}`;
}

/** Everything that might slip past a guard that looks at words and not at routes. */
function mannersOf(place: Place, known: ReadonlySet<string>): Manner[] {
  const { door, method, path } = place;
  const others = METHODS.filter((other) => !known.has(`${door} ${other} ${path}`));
  const odd = (name: string, changed: string, is: Manner['is']): Manner => ({
    name,
    method,
    path: changed,
    is,
  });
  return [
    ...others.map((other): Manner => ({ name: `as ${other}`, method: other, path, is: 'nothing' })),
    odd('with a slash behind', `${path}/`, 'nothing'),
    odd('with two slashes', `/${path}`, 'nothing'),
    odd('with a dot segment', `/x/..${path}`, 'nothing'),
    odd('with a matrix parameter', `${path};a=b`, 'nothing'),
    odd('in capitals', path.toUpperCase(), 'nothing'),
    odd('with an escape', escaped(path), 'place or nothing'),
    odd('with an escaped slash', path.replace(/^\//, '/%2f'), 'nothing'),
    odd('with a null', `${path}%00`, 'nothing'),
    // Behind an id it is another id, of the same route.
    odd(
      'with something behind',
      `${path}x`,
      place.line.endsWith('}') ? 'place or nothing' : 'nothing',
    ),
    {
      name: 'by a header that overrides',
      method: 'GET',
      path: '/nothing',
      headers: { 'x-http-method-override': method, 'x-original-url': path, 'x-rewrite-url': path },
      is: 'nothing',
    },
  ];
}

/** What may not be, as text; `null` where the answer is as the table says. */
function wrong(
  place: Place,
  manner: Manner,
  role: Role,
  got: Reached,
  asked: number,
): string | null {
  const passes = mayPass(place.leave, role);
  const { status } = got;
  const nothing = status === 404 && asked === 0;
  // A token route inside the internal line wants the credential even to say that it has no such route.
  const closed =
    asked === 0 && (status === 401 || (status === 403 && place.door !== 'internal')) && !passes;
  const served = status === 200 || status === 204;
  switch (manner.is) {
    case 'nothing':
      if (nothing || (place.door === 'internal' && closed)) return null;
      // An id takes what is written behind it, and names nothing then.
      if (place.line.endsWith('}') && closed) return null;
      return `it was answered ${status}, and ${asked} verbs were asked; there is no such route`;
    case 'place or nothing':
      if (nothing) return null;
      break;
    case 'place':
      break;
  }
  if (passes) return served ? null : `it was refused with ${status}, and may pass`;
  if (!closed) return `it was answered ${status}, and ${asked} verbs were asked; it may not pass`;
  const secret = place.leave === 'client secret' || place.leave === 'internal credential';
  const wanted = secret ? 401 : role.refusedWith;
  const basic = role.headers['authorization']?.startsWith('Basic') ?? false;
  if (place.leave === 'pay connector' && basic) return status === 401 ? null : `${status} for 401`;
  return status === wanted ? null : `it was refused with ${status} instead of ${wanted}`;
}

interface Count {
  cells: number;
  allowed: number;
  refused: number;
  unknown: number;
}

async function cell(
  doors: TwoDoors,
  place: Place,
  manner: Manner,
  role: Role,
  count: Count,
): Promise<string | null> {
  const before = doors.asked.length;
  const withBody = place.body !== null && !['GET', 'HEAD', 'TRACE'].includes(manner.method);
  const got = await doors.knock({
    door: place.door,
    method: manner.method,
    path: manner.path,
    headers: {
      ...(withBody ? { 'content-type': place.type } : {}),
      ...role.headers,
      ...manner.headers,
    },
    body: withBody ? place.body : null,
  });
  // The probes ask whether the bridge is ready, whoever wants to know.
  const asked = doors.asked.slice(before).filter((name) => !['ready', 'gauges'].includes(name));
  count.cells += 1;
  if (got.status < 300) count.allowed += 1;
  else if (got.status === 404) count.unknown += 1;
  else count.refused += 1;
  if (got.text.includes(PAN)) return 'the answer repeats the card number';
  return wrong(place, manner, role, got, asked.length);
}

/** One role at one place, in all these manners. */
async function visits(
  doors: TwoDoors,
  place: Place,
  manners: readonly Manner[],
  role: Role,
  count: Count,
  replay: string | null,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const manner of manners) {
    const name = `${place.line}|${manner.name}|${role.name}`;
    if (replay !== null && replay !== name) continue;
    const what = await cell(doors, place, manner, role, count);
    if (what === null) continue;
    violations.push({ promise: 'PCI 7.2', what: `${name}: ${what}`, replay: name });
  }
  return violations;
}

async function run({ size, progress, replay }: BoardRun): Promise<BoardResult> {
  const violations: Violation[] = [];
  const rows = places(violations);
  const known = new Set(rows.map(({ door, method, path }) => `${door} ${method} ${path}`));
  const count: Count = { cells: 0, allowed: 0, refused: 0, unknown: 0 };
  const doors = await TwoDoors.open();
  try {
    const roles = await everybody(doors.api.signer, doors.api.clock.now());
    const plain = (place: Place): Manner => ({ name: 'plainly', ...place, is: 'place' });
    for (const [at, place] of rows.entries()) {
      for (const role of roles) {
        const all = size === 'full' || TELLING.has(role.name);
        const manners = [plain(place), ...(all ? mannersOf(place, known) : [])];
        violations.push(...(await visits(doors, place, manners, role, count, replay)));
      }
      progress(at + 1, rows.length);
    }
    const log = [...doors.lines, ...doors.api.logLines].join('\n');
    if (log.includes(PAN)) {
      violations.push({ promise: 'I8', what: 'the log has a card number', replay: '' });
    }
    if (/internal_error|card_server\.bug/.test(log)) {
      violations.push({
        promise: 'no bug',
        what: 'the log tells of an internal error',
        replay: '',
      });
    }
    const audit = replay === null ? await auditCells(violations) : 0;
    const desk =
      replay === null ? (await consoleCells(violations)) + (await agentCells(violations)) : 0;
    return {
      runs: count.cells + audit + desk,
      violations,
      figures: {
        routes: rows.length,
        roles: roles.length,
        allowed: count.allowed,
        refused: count.refused,
        'no such route': count.unknown,
        'readings of the ledger': audit,
        'at the console': desk,
      },
    };
  } finally {
    await doors.close();
  }
}

export const roleBoard: Board = {
  id: 'S1',
  title: 'every role at every route',
  proves:
    'Every route of both processes, of the line between them and of the console lets in whom the table names, and nobody else, by whatever method or spelling; reading the ledger is itself in the ledger.',
  run,
};
