import type { Action, AudioSetting, Flow, FlowType, Transfer } from '../model.ts';
import { nearest } from '../reading.ts';
import type { Known, Report } from './finding.ts';
import { actionId, type FlowGraph } from './graph.ts';
import { everyAction } from './walk.ts';

/** What a flow says about things outside of it: other flows, agents, prompts, attributes. */
export function checkSurroundings(
  flow: Flow,
  graph: FlowGraph,
  known: Known,
  report: Report,
): void {
  for (const { action } of everyAction(flow)) {
    if (action.kind === 'transfer') {
      checkTarget(action, known, report);
      if (flow.type === 'secureCall') checkSecureTransfer(action, graph, report);
    }
    if (action.kind === 'setParticipantData') checkAttributes(action, report);
    checkSecureOnly(action, flow, known, report);
  }
  if (known.prompts !== null) checkPrompts(flow, known.prompts, report);
}

const named = (action: Transfer): string | null =>
  action.target.kind === 'literal' && action.target.literal.kind === 'named'
    ? action.target.literal.name
    : null;

/** The type of flow that a transfer needs. Transfer to Flow goes to one of the caller's own kind. */
const TARGETS: Readonly<Partial<Record<Transfer['to'], readonly FlowType[]>>> = {
  flow: ['inboundCall'],
  flowSecure: ['secureCall'],
};

function checkTarget(action: Transfer, known: Known, report: Report): void {
  const wanted = TARGETS[action.to];
  const name = named(action);
  if (wanted === undefined || name === null) return;
  const found = known.flows.find((flow) => flow.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const near = nearest(
      name,
      known.flows.filter(({ type }) => wanted.includes(type)).map((flow) => flow.name),
    );
    // Another flow may well be in the organisation: only a slip of the pen is certain.
    if (near === null) return;
    report.add(
      'flow-reference',
      action.position,
      `There is no flow ${name} among those checked; did you mean ${near}?`,
    );
    return;
  }
  if (wanted.includes(found.type)) return;
  report.add(
    'flow-reference',
    action.position,
    `${action.name} goes to ${name}, a flow of type ${found.type}; it needs one of type ${wanted.join(' or ')}.`,
  );
}

function checkAttributes(action: Action & { kind: 'setParticipantData' }, report: Report): void {
  const seen = new Set<string>();
  for (const { name, position } of action.attributes) {
    if (name.kind !== 'literal' || name.literal.kind !== 'plain') continue;
    const word = String(name.literal.value);
    if (seen.has(word)) {
      report.add(
        'attribute-twice',
        position,
        `${action.name} sets the attribute ${word} twice; keep one.`,
      );
    }
    seen.add(word);
  }
}

const SECURE_ONLY: ReadonlySet<string> = new Set([
  'callDataSecure',
  'extractSecureData',
  'returnToAgent',
]);

function checkSecureOnly(action: Action, flow: Flow, known: Known, report: Report): void {
  if (!SECURE_ONLY.has(action.type)) return;
  if (flow.type !== 'secureCall') {
    report.add(
      'secure-action-outside',
      action.position,
      `${action.type} is for secureCall flows; this one is of type ${flow.type}.`,
    );
    return;
  }
  if (action.kind !== 'returnToAgent') return;
  const from = known.flows.find((other) =>
    everyAction(other).some(
      ({ action: one }) =>
        one.kind === 'transfer' &&
        one.to === 'flowSecure' &&
        named(one)?.toLowerCase() === flow.name.toLowerCase(),
    ),
  );
  if (from === undefined) return;
  report.add(
    'return-to-agent',
    action.position,
    `${from.name} transfers callers to this flow, and there is no agent to return them to; end with a transfer or a disconnect.`,
  );
}

function checkSecureTransfer(action: Transfer, graph: FlowGraph, report: Report): void {
  if (action.preTransferAudio.kind === 'none' && !isAnnounced(action, graph)) {
    report.add(
      'secure-transfer-silent',
      action.position,
      `${action.name} says nothing before it, and if it fails the caller is disconnected; give it a preTransferAudio.`,
    );
  }
  const [first] = action.failure?.actions ?? [];
  if (first === undefined) return;
  report.add(
    'secure-transfer-failure',
    first.position,
    `The failure path of ${action.name} never runs: in a secure flow a failed transfer disconnects; take it away.`,
  );
}

/** True when every way to an action has a Play Audio behind the last thing that the caller did. */
function isAnnounced(action: Action, graph: FlowGraph): boolean {
  const types = new Map(graph.nodes.map(({ id, type }) => [id, type]));
  const seen = new Set<string>();
  const open = [actionId(action.position)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const { from } of graph.edges.filter(({ to }) => to === id)) {
      const type = types.get(from) ?? '';
      if (type === 'playAudio') continue;
      if (['start', 'errors', 'menu', 'collectInput'].includes(type)) return false;
      open.push(from);
    }
  }
  return true;
}

function checkPrompts(flow: Flow, prompts: NonNullable<Known['prompts']>, report: Report): void {
  for (const audio of audiosOf(flow)) {
    if (audio.kind !== 'prompt' || !audio.name.startsWith('Prompt.')) continue;
    const name = audio.name.slice('Prompt.'.length);
    if (prompts.has(name.toLowerCase())) continue;
    const near = nearest(name, prompts.keys());
    report.add(
      'prompt-unknown',
      audio.position,
      `There is no text for ${audio.name}; ${near === null ? 'add it to the prompts.' : `did you mean Prompt.${near}?`}`,
    );
  }
}

function audiosOf(flow: Flow): readonly AudioSetting[] {
  return [
    flow.initialGreeting,
    flow.settings.errorHandling.preHandlingAudio,
    ...flow.menus.flatMap(({ audio, repeatAudio }) => [audio, repeatAudio]),
    ...everyAction(flow).flatMap(({ action }) => {
      if (action.kind === 'playAudio') {
        return [action.audio];
      }
      if (action.kind === 'collectInput') {
        return [action.audio, action.verificationAudio];
      }
      if (action.kind === 'callData') {
        return [action.processingPrompt];
      }
      if (action.kind === 'transfer') {
        return [action.preTransferAudio, action.failureTransferAudio];
      }
      return [];
    }),
  ];
}
