import type { FaultProxy, Mode } from '../fault-proxy.ts';
import { BILLING_HOST, GATEWAY_HOST } from './house.ts';
import { SCALE, type Lane } from './lane.ts';
import { STEP_OF_VERB, type Leg, type Verb } from './points.ts';
import { stepOf, type Step } from './steps.ts';

/** Where a fault strikes. */
interface Target {
  readonly lane: Lane;
  readonly proxy: FaultProxy;
  readonly host: string;
  readonly step: Step;
  readonly interactionId: string;
}

/** Something that goes wrong once between us and an outside party. */
export interface Fault {
  readonly id: string;
  /** Puts it in place; it strikes the next request of the step, or the next connection. */
  readonly place: (target: Target) => Promise<void>;
}

/** Longer than any request waits, and shorter than what is taken for proof of absence. */
const LATE_MS = SCALE.deadlineMs + 250;
/** The look-up finds nothing for that long: five seconds of the twenty that the sandbox declares. */
export const HIDDEN_MS = 400;

function answer(status: string, body: string, more = ''): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close\r\n`;
  return Buffer.from(`${head}${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const BUSY = answer('503 Service Unavailable', '{"message":"Service Unavailable"}');
const LIMITED = answer(
  '429 Too Many Requests',
  '{"error_code":"Rate_Limited"}',
  'retry-after: 1\r\n',
);
const CONFLICT = answer('409 Conflict', '{"error_code":"Operation_In_Progress"}');
const BROKEN = answer('200 OK', '{"token_id": "tok_');

function ofName(id: string, told: 'nowhere' | 'unknown'): Fault {
  return {
    id,
    async place({ lane, proxy, host }) {
      lane.name(host, told);
      await proxy.dropIdle();
    },
  };
}

function ofTurn(id: string, mode: Mode): Fault {
  return {
    id,
    place({ proxy, step }) {
      proxy.script({ mode, when: (line) => stepOf(line) === step });
      return Promise.resolve();
    },
  };
}

const RESET_AFTER = ofTurn('reset-after', { kind: 'reset_after' });

/** What a step is called in the sandbox's script. */
const SCRIPTED: Partial<Record<Step, string>> = {
  tokenise: 'tokenize',
  subscribe: 'subscribe',
  cancel: 'cancel',
  change_card: 'change-card',
};

async function hide(target: Target): Promise<void> {
  const operation = SCRIPTED[target.step];
  // Billing is never looked up: there the same is an answer that is lost.
  if (operation === undefined) return RESET_AFTER.place(target);
  const entry = { operation, behave: `hidden:${HIDDEN_MS}`, interaction_id: target.interactionId };
  const body = JSON.stringify([entry]);
  await target.lane.sandbox({ method: 'POST', path: '/__sandbox/script', body });
}

/** Fifteen, each of which strikes once. */
export const FAULTS: readonly Fault[] = [
  ofName('refused', 'nowhere'),
  ofName('dns', 'unknown'),
  {
    id: 'tls',
    async place({ proxy }) {
      proxy.script({ mode: { kind: 'tls_failure' } });
      await proxy.dropIdle();
    },
  },
  ofTurn('reset-before', { kind: 'reset_before' }),
  RESET_AFTER,
  ofTurn('black-hole', { kind: 'black_hole' }),
  ofTurn('cut', { kind: 'cut' }),
  ofTurn('slow', { kind: 'slow', latencyMs: LATE_MS }),
  ofTurn('503-before', { kind: 'answer', deliver: false, bytes: BUSY }),
  ofTurn('503-after', { kind: 'answer', deliver: true, bytes: BUSY }),
  ofTurn('429', { kind: 'answer', deliver: false, bytes: LIMITED }),
  ofTurn('409', { kind: 'answer', deliver: false, bytes: CONFLICT }),
  ofTurn('malformed', { kind: 'answer', deliver: true, bytes: BROKEN }),
  ofTurn('late-commit', { kind: 'late_delivery', holdMs: LATE_MS }),
  { id: 'hidden', place: hide },
];

/** Puts a fault where the case wants it. */
export async function strike(
  lane: Lane,
  fault: Fault,
  leg: Leg,
  verb: Verb,
  interactionId: string,
): Promise<void> {
  const gateway = { lane, proxy: lane.gateway, host: GATEWAY_HOST, interactionId };
  const step = STEP_OF_VERB[verb];
  switch (leg) {
    case 'card':
      return fault.place({ ...gateway, step: 'tokenise' });
    case 'verb':
      return fault.place({ ...gateway, step });
    case 'billing':
      return fault.place({ ...gateway, proxy: lane.billing, host: BILLING_HOST, step: 'deliver' });
    case 'look_up': {
      // Only what is in doubt is looked up. What hides from look-ups makes the doubt itself.
      if (fault.id === 'hidden') return fault.place({ ...gateway, step });
      await RESET_AFTER.place({ ...gateway, step });
      lane.onTurn = (turned) => {
        if (turned !== step) return;
        lane.onTurn = null;
        // The connection of the turn is not idle, so that nothing has to be waited for.
        void fault.place({ ...gateway, step: 'look_up' });
      };
    }
  }
}

/** Loses the answer to the verb's request, so that there is something to settle. */
export function putInDoubt(lane: Lane, verb: Verb): void {
  const step = STEP_OF_VERB[verb];
  lane.gateway.script({ mode: { kind: 'reset_after' }, when: (line) => stepOf(line) === step });
}

/** True once everything that was put in place has struck. */
export async function struck(lane: Lane): Promise<boolean> {
  if (lane.onTurn !== null || lane.namesLeft() > 0) return false;
  if (lane.gateway.left() > 0 || lane.billing.left() > 0) return false;
  const { body } = await lane.sandbox({ path: '/__sandbox/script' });
  return (body['left'] as unknown[]).length === 0;
}

/** The network is well again. */
export async function heal(lane: Lane): Promise<void> {
  lane.onTurn = null;
  lane.gateway.heal();
  lane.billing.heal();
  lane.clearNames();
  await lane.sandbox({ method: 'DELETE', path: '/__sandbox/script' });
}
