import type { CallEnd, CallSetup } from './call.ts';
import { Conversation } from './conversation.ts';
import { playFlow } from './play-flow.ts';
import { HungUp, type Leaving } from './step.ts';

/**
 * Flows of one call. Architect counts actions for each flow alone; without a limit of ours two flows
 * that transfer to each other would never end.
 */
const FLOWS_MAX = 100;

/**
 * Plays a call: the flow that answers, and each flow that it is transferred to, until it is ended.
 *
 * Everything that callers, flows and data actions do is in the {@link CallEnd} and the events;
 * it rejects for a bug alone, and for a start flow that is not there.
 */
export async function playCall(setup: CallSetup): Promise<CallEnd> {
  const flow = setup.flows.get(setup.startFlow);
  if (flow === undefined) throw new TypeError(`there is no flow ${setup.startFlow} to answer with`);
  const call = new Conversation(setup);
  call.tell({ kind: 'answered', conversationId: setup.conversationId });
  try {
    const invocationData = setup.invocationData ?? null;
    return call.end(await playFlows(call, { kind: 'flow', flow, invocationData }));
  } catch (error) {
    if (error instanceof HungUp) return call.end({ kind: 'hung_up' });
    await setup.telephone.hangUp();
    throw error;
  }
}

async function playFlows(call: Conversation, first: Leaving): Promise<CallEnd['how']> {
  let leaving = first;
  for (let count = 0; leaving.kind === 'flow'; count += 1) {
    const { flow, invocationData } = leaving;
    if (count === FLOWS_MAX) {
      await call.setup.telephone.hangUp();
      const message = `the call went through ${FLOWS_MAX} flows; look for flows that transfer to each other`;
      return { kind: 'disconnected', fault: { message, position: flow.position } };
    }
    call.speak(flow);
    const entry = { invocationData, first: count === 0 };
    leaving = await privately(call, flow.type === 'secureCall', () => playFlow(call, flow, entry));
  }
  return leaving.how;
}

/**
 * From its first to its last action a secure flow is alone with the caller. Keys that it has not taken
 * may be digits of a card: no other flow gets them.
 */
async function privately<T>(
  call: Conversation,
  secure: boolean,
  play: () => Promise<T>,
): Promise<T> {
  if (!secure) return play();
  const { telephone } = call.setup;
  telephone.secure(true);
  call.tell({ kind: 'secure', on: true });
  try {
    return await play();
  } finally {
    telephone.flush();
    telephone.secure(false);
    call.tell({ kind: 'secure', on: false });
  }
}
