import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { readFlow } from '../../src/architect/read.ts';
import { BUILT_IN_PROMPTS, flowPrompts, loadPrompts } from '../../src/cli/prompts.ts';
import { playInWorkers } from '../../src/cli/call/worker.ts';
import type { TimedReport } from '../../src/cli/call/own-player.ts';
import { readCallFile } from '../../src/line/call-file/read.ts';

const CALLS = 'test/calls';
const FLOWS = 'genesys/flows';

/** Actions that no call reaches, each with the reason. */
const NOT_REACHED: Readonly<Record<string, string>> = {
  'Get Consent_41 Say Why And Pass The Caller On':
    'the plan was offered a moment ago; with-agent-unknown-plan reaches the same task with a plan that is not there',
  'Say And Pass On_91 Not Possible As Things Stand':
    'the subscription would have to change elsewhere between the look-up and the key',
};

/** The secure flow is not published: the only way in which the way to it fails on a laptop. */
const WITHOUT_SECURE_FLOW = `The secure flow is not there, and the caller reaches a person.

ANI      +13175550100
hears    "For English, press 1"
dials    111
hears    "Press 1 to agree"
dials    1
hears    "something went wrong on our side"

then     outcome is agent
then     transferred to Payment_Support_Group
`;

const files = readdirSync(CALLS)
  .filter((name) => name.endsWith('.call'))
  .toSorted();
let reports: readonly TimedReport[] = [];
let withoutSecureFlow: TimedReport | undefined;

before(async () => {
  const read = files.map((name) => {
    const path = `${CALLS}/${name}`;
    const { callFile, problems } = readCallFile(readFileSync(path, 'utf8'), path);
    assert.deepEqual(problems, []);
    assert.ok(callFile);
    return callFile;
  });
  const options = { jobs: 2, report: () => undefined };
  reports = await playInWorkers({ ...options, files: read, task: { flows: [] } });
  const { callFile } = readCallFile(WITHOUT_SECURE_FLOW, 'without-secure-flow.call');
  assert.ok(callFile);
  const task = { flows: [`${FLOWS}/recurring-payments.yaml`] };
  [withoutSecureFlow] = await playInWorkers({ ...options, files: [callFile], task });
});

test('where the secure flow is not there, a person takes over', () => {
  assert.deepEqual(withoutSecureFlow?.failures, []);
});

test('every call goes as its file tells', () => {
  assert.ok(files.length >= 40);
  assert.equal(reports.length, files.length);
  const failures = reports.flatMap(({ failures: found }) =>
    found.map(
      ({ position, text, message }) => `${position.file}:${position.line}: ${text}\n  ${message}`,
    ),
  );
  assert.deepEqual(failures, []);
});

test('no two calls tell the same story', () => {
  assert.equal(new Set(reports.map(({ title }) => title)).size, reports.length);
});

interface Place {
  /** `Get Consent_41 Our Fault`: the task or menu, and the action's own name. */
  readonly name: string;
  readonly line: number;
}

/** Every action of a task or menu, however deep. */
function actionsOf(part: unknown, of: string, found: Place[] = []): readonly Place[] {
  if (Array.isArray(part)) {
    for (const member of part) actionsOf(member, of, found);
  } else if (typeof part === 'object' && part !== null) {
    const isAction = 'kind' in part && 'type' in part && 'name' in part && 'position' in part;
    if (isAction && !('isSecure' in part)) {
      const { line } = part.position as { line: number };
      found.push({ name: `${of} ${String(part.name)}`, line });
    }
    for (const member of Object.values(part)) actionsOf(member, of, found);
  }
  return found;
}

/** Where the two secure flows differ; the rest is the same text, which flows.test.ts proves. */
const OWN = /^(Start_10|Get Consent_12|Refused_13|Done_60|Hand Off_96|Back To Agent_97) /;

/** An action by a name that the two secure flows share where they share the action. */
function placesOf(file: string): readonly (Place & { readonly key: string })[] {
  const { flow } = readFlow(readFileSync(file, 'utf8'), file);
  assert.ok(flow);
  const { tasks, menus, type, name: flowName } = flow;
  // Error handling is for what must not happen; the tests of the line break a flow to hear it.
  return [...tasks, ...menus].flatMap((part) =>
    actionsOf(part, part.refId).map((place) => {
      const shared = type === 'secureCall' && !OWN.test(place.name);
      const key = `${shared ? type : flowName} ${place.name} ${place.line - part.position.line}`;
      return { ...place, key };
    }),
  );
}

test('every action of every flow is entered by some call', () => {
  assert.ok(withoutSecureFlow);
  const entered = new Set([...reports, withoutSecureFlow].flatMap(({ trail }) => trail.actions));
  const all = readdirSync(FLOWS).flatMap((name) => {
    const file = `${FLOWS}/${name}`;
    return placesOf(file).map((place) => ({ ...place, at: `${file}:${place.line}` }));
  });
  assert.ok(all.length > 300, String(all.length));
  const reached = new Set(all.filter(({ at }) => entered.has(at)).map(({ key }) => key));
  const unreached = all.filter(({ key, name }) => !reached.has(key) && !(name in NOT_REACHED));
  assert.deepEqual(
    unreached.map(({ at, name }) => `${at} ${name}`),
    [],
  );
  const names = new Set(all.filter(({ key }) => !reached.has(key)).map(({ name }) => name));
  assert.deepEqual(
    Object.keys(NOT_REACHED).filter((name) => !names.has(name)),
    [],
    'these are reached by now: take them off the list',
  );
});

test('every prompt that a flow plays is heard in some call', () => {
  const heard = new Set(reports.flatMap(({ trail }) => trail.prompts));
  const names = (keys: Iterable<string>): Set<string | undefined> =>
    new Set([...keys].map((key) => key.split(' ')[1]));
  assert.deepEqual(
    [...names(flowPrompts(BUILT_IN_PROMPTS).keys())].filter((name) => !names(heard).has(name)),
    [],
  );
  // And most of them in Spanish as well.
  const spanish = [...heard].filter((key) => key.startsWith('es-us'));
  assert.ok(spanish.length >= 20, spanish.join(', '));
});

/** The longest piece of a sentence that no value is filled into. */
function fixedPart(sentence: string): string {
  const parts = sentence.split(/\{\w+\}|[[\]]/).map((part) => part.trim());
  return parts.toSorted((one, other) => other.length - one.length)[0] ?? '';
}

test('what the bridge says is heard in some call: every error, and every good end', () => {
  const all = reports.flatMap(({ transcript }) => transcript).join('\n');
  const { plain, errors } = loadPrompts(BUILT_IN_PROMPTS)['en-us'];
  const isHeard = (sentence: string): boolean => all.includes(fixedPart(sentence));
  const unheard = [
    ...Object.entries(errors).filter(([, sentences]) => !sentences.some(isHeard)),
    ...Object.entries(plain).filter(([, sentence]) => !isHeard(sentence)),
  ].map(([key]) => key);
  // The flows go on without them, because a caller's minute is short.
  const saved = ['available', 'customer_unknown', 'plans', 'disclosure_follows', 'consent_given'];
  // With `capture: direct` and a gateway that cannot be asked: test/bridge/direct.test.ts.
  const elsewhere = ['card_not_stored'];
  const replaced = ['subscription_status', 'agent_transfer'];
  assert.deepEqual(unheard.toSorted(), [...saved, ...replaced, ...elsewhere].toSorted());
});

test('the call at the head of the README is one that was played', () => {
  const report = reports.find(({ file }) => file.endsWith('/card-security-code-mistyped.call'));
  assert.ok(report);
  const [, block = ''] = /```\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const lines = block.split('\n').filter((line) => /^(flow|caller) /.test(line));
  assert.ok(lines.length > 12);
  let from = 0;
  for (const line of lines) {
    const [, who = '', words = ''] = /^(\w+) +(.*?)…?”?$/.exec(line) ?? [];
    const at = report.transcript.findIndex(
      (said, index) => index >= from && said.includes(`${who} `) && said.includes(words.trim()),
    );
    assert.ok(at >= 0, line);
    from = at + 1;
  }
});

test('an enrolment takes at most ninety seconds of line time', () => {
  const whole = reports.find(({ file }) => file.endsWith('/enrol-in-one-go.call'));
  assert.ok(whole && whole.lineMs > 30_000 && whole.lineMs <= 90_000, String(whole?.lineMs));
});
