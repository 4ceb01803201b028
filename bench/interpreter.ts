import { readFlow } from '../src/architect/read.ts';
import type { Flow } from '../src/architect/model.ts';
import type { CallSetup } from '../src/line/call.ts';
import { playCall } from '../src/line/play-call.ts';
import type { Telephone } from '../src/line/telephone.ts';
import { systemClock } from '../src/system/clock.ts';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';

/** Times through the loop: four actions each, below Architect's limit of 10,000 for one flow. */
const LOOPS = 2_000;

const FLOW = `inboundCall:
  name: Bench
  defaultLanguage: en-us
  startUpRef: /inboundCall/tasks/task[start]
  supportedLanguages:
    en-us: {defaultLanguageSkill: {noValue: true}}
  tasks:
    - task:
        name: Start
        refId: start
        variables:
          - integerVariable: {name: Task.count, initialValue: {lit: 0}}
          - stringVariable: {name: Task.word, initialValue: {lit: ""}}
        actions:
          - loop:
              name: Around
              currentIndex: {var: Task.count}
              loopCount: {lit: ${LOOPS}}
              outputs:
                loop:
                  actions:
                    - updateData:
                        name: Note
                        statements:
                          - string:
                              variable: Task.word
                              value: {exp: 'Append(ToString(Task.count), "-", Left("abcdef", 3))'}
                    - decision:
                        name: Even
                        condition: {exp: Task.count % 2 == 0}
                        outputs:
                          yes:
                            actions:
                              - setParticipantData:
                                  name: Keep
                                  attributes:
                                    - attribute:
                                        name: {lit: word}
                                        value: {exp: Task.word}
          - disconnect: {name: End}
`;

/** Hears everything at once, and does nothing. */
class SilentTelephone implements Telephone {
  ended = false;
  readonly whenEnded = new Promise<void>(() => undefined);
  play = (): Promise<'heard'> => Promise.resolve('heard');
  next = (): Promise<null> => Promise.resolve(null);
  transfer = (): Promise<boolean> => Promise.resolve(true);
  flush = (): void => undefined;
  secure = (): void => undefined;
  hangUp(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }
}

function flowOf(yaml: string): Flow {
  const { flow, problems } = readFlow(yaml, 'bench.yaml', {});
  if (flow === null || problems.length > 0) throw new Error(JSON.stringify(problems));
  return flow;
}

function setupOf(flow: Flow): CallSetup {
  return {
    flows: new Map([[flow.name, flow]]),
    startFlow: flow.name,
    telephone: new SilentTelephone(),
    dataActions: { run: () => Promise.reject(new Error('this flow has none')) },
    conversationId: 'bench',
    ani: '+13175550100',
    dnis: '+13175550199',
    clock: systemClock,
    observe: () => undefined,
  };
}

async function stepsPerSecond(flow: Flow, long: number): Promise<number> {
  const startedMs = performance.now();
  let steps = 0;
  while (performance.now() - startedMs < long * 1000) {
    const end = await playCall(setupOf(flow));
    if (end.how.kind !== 'disconnected' || end.how.fault !== null) {
      throw new Error(`the flow did not come to its end: ${JSON.stringify(end.how)}`);
    }
    steps += end.actionCount;
  }
  return steps / ((performance.now() - startedMs) / 1000);
}

async function measure(run: Run): Promise<Result> {
  const flow = flowOf(FLOW);
  const figures = new Figures();
  const rounds = run.quick ? 2 : 5;
  await stepsPerSecond(flow, 0.5);
  for (let round = 1; round <= rounds; round += 1) {
    const rate = await stepsPerSecond(flow, 1);
    figures.add('actions', '1/s', rate);
    run.progress(`round ${round}/${rounds}: ${rate.toFixed(0)} actions a second`);
  }
  const remarks = [
    'Actions of a flow a second, on one core: a loop that joins texts, decides and sets a participant attribute, played from memory on a telephone that hears everything at once. No data action, no prompt, no time passes. It runs from the sources by `tsx`.',
  ];
  return { figures: figures.all, remarks };
}

export const interpreter: Measurement = {
  id: 'interpreter',
  title: 'Interpreter',
  asks: 'How many actions of a flow does the interpreter play in a second?',
  run: measure,
};
