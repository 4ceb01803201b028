import type { AudioSetting, Choice, Menu } from '../architect/model.ts';
import { audioOf, playQueued } from './audio.ts';
import type { FlowRun } from './flow-run.ts';
import { settingDurationMs, settingInteger } from './settings.ts';
import { ended, HungUp, type Step } from './step.ts';
import { playInline } from './tasks.ts';

/** Genesys' menu defaults. */
const SELECTION_MS = 10_000;
const REPEAT_COUNT = 3;

interface Chosen {
  readonly choice: Choice;
  readonly by: 'key' | 'speech';
}

/**
 * Plays a menu until something is chosen, at most its repeat count again after the first time.
 *
 * @returns where the choice leads, or what the menu does when nothing was chosen.
 */
export async function playMenu(run: FlowRun, menu: Menu): Promise<Step> {
  open(run, menu);
  const { settings } = run.flow;
  const selectionMs =
    settingDurationMs(run, [menu.selectionTimeout, settings.menuSelectionTimeout], 'selection') ??
    SELECTION_MS;
  const repeatCount =
    settingInteger(run, menu.repeatCount, 'repeat count') ??
    settingInteger(run, settings.menuRepeatCount, 'repeat count') ??
    REPEAT_COUNT;
  for (let repeatsLeft = repeatCount; repeatsLeft >= 0; repeatsLeft -= 1) {
    await playAudio(run, menu, repeatsLeft === repeatCount);
    const chosen = await choose(run, menu, selectionMs);
    if (chosen !== null) return follow(run, menu, chosen);
    run.call.tell({ kind: 'not_chosen', menu: menu.name, repeatsLeft });
  }
  if (menu.noSelection !== null) return run.playBranch(menu.noSelection);
  await run.call.setup.telephone.hangUp();
  return ended({ kind: 'disconnected', fault: null });
}

/** The way back: entering a menu that is open already closes those inside it. */
function open(run: FlowRun, menu: Menu): void {
  run.count();
  const at = run.menus.indexOf(menu);
  if (at >= 0) run.menus.length = at;
  run.menus.push(menu);
  run.part = menu.name;
  run.place = null;
  run.call.tell({ kind: 'menu_entered', flow: run.flow.name, menu: menu.name });
}

async function playAudio(run: FlowRun, menu: Menu, first: boolean): Promise<void> {
  const again: AudioSetting = menu.repeatAudio.kind === 'none' ? menu.audio : menu.repeatAudio;
  run.audio.add(audioOf(run, first ? menu.audio : again), null);
  await playQueued(run, hears(run, menu));
}

function hears(run: FlowRun, menu: Menu): boolean {
  return (
    run.flow.settings.speechEnabled &&
    choicesOf(run, menu).some(({ choice }) => termsOf(run, choice).length > 0)
  );
}

/** Those of the menu, and the global ones of the menus around it, the nearest first. */
function choicesOf(run: FlowRun, menu: Menu): { choice: Choice; key: boolean; terms: boolean }[] {
  const around = run.menus.filter((other) => other !== menu).reverse();
  return [
    ...menu.choices.map((choice) => ({ choice, key: true, terms: true })),
    ...around.flatMap(({ choices }) =>
      choices.map((choice) => ({ choice, key: choice.globalKey, terms: choice.globalTerms })),
    ),
  ];
}

function termsOf(run: FlowRun, { terms }: Choice): readonly string[] {
  return terms[run.language] ?? terms[run.language.toLowerCase()] ?? [];
}

/** Waits once. A key or words that mean nothing here are no choice, and the menu begins again. */
async function choose(run: FlowRun, menu: Menu, waitMs: number): Promise<Chosen | null> {
  run.call.tell({ kind: 'listening', to: 'menu', secure: false });
  const event = await run.call.setup.telephone.next(waitMs, hears(run, menu));
  if (event === null) return null;
  if (event.kind === 'hung_up') throw new HungUp();
  const choices = choicesOf(run, menu);
  if (event.kind === 'key') {
    const key = String.fromCharCode(event.code);
    const found = choices.find((one) => one.key && one.choice.key === key);
    return found === undefined ? null : { choice: found.choice, by: 'key' };
  }
  const said = spoken(event.text);
  const found = choices.find(
    (one) => one.terms && termsOf(run, one.choice).some((term) => holds(said, spoken(term))),
  );
  return found === undefined ? null : { choice: found.choice, by: 'speech' };
}

/** Words without case and punctuation, with a space around each. */
function spoken(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  return ` ${words.join(' ')} `;
}

/** "An agent, please" holds "agent". */
function holds(said: string, term: string): boolean {
  return term.trim() !== '' && said.includes(term);
}

async function follow(run: FlowRun, menu: Menu, { choice, by }: Chosen): Promise<Step> {
  run.call.tell({ kind: 'chosen', menu: menu.name, choice: choice.name, by });
  return playInline(run, choice.name, choice.actions);
}
