import type { Sound, Value } from '../../architect/expression/value.ts';
import type { ActionPlace, CallEvent, PromptTexts } from '../call.ts';

const SPEAKER_WIDTH = 9;

function line(atMs: number, speaker: string, text: string): string {
  const time = (atMs / 1_000).toFixed(1).padStart(6);
  return `${time}  ${speaker.padEnd(SPEAKER_WIDTH)}${text}`;
}

export function soundText(sound: Sound, promptTexts: PromptTexts): string {
  switch (sound.kind) {
    case 'silence':
      return `(${sound.durationMs} ms of silence)`;
    case 'speech':
      return sound.text;
    case 'prompt':
      return promptTexts(sound.name, sound.language) ?? `[no text for ${sound.name}]`;
  }
}

export function placeText(action: ActionPlace | null): string {
  if (action === null) return '';
  return `${action.position.file}:${action.position.line}`;
}

function shownOutputs(outputs: Readonly<Record<string, unknown>>): string {
  const shown = ['outcome', 'route', 'error_code', 'retry_field', 'reason', 'kind'];
  return shown
    .filter((name) => outputs[name] !== undefined && outputs[name] !== '')
    .map((name) => `${name}=${String(outputs[name])}`)
    .join(' ');
}

function shownValue(value: Value): string {
  return 'value' in value ? JSON.stringify(value.value) : 'name' in value ? value.name : value.type;
}

/**
 * An event as a line of the transcript; `null` for one that says nothing to a reader of it.
 *
 * @param promptTexts the words of prompts.
 */
export function transcriptLine(event: CallEvent, promptTexts: PromptTexts): string | null {
  const say = (speaker: string, text: string): string => line(event.atMs, speaker, text);
  switch (event.kind) {
    case 'answered':
      return say('', 'the call is answered');
    case 'flow_entered':
      return say('', `flow ${event.flow}`);
    case 'task_entered':
      return say('', `task ${event.task}`);
    case 'menu_entered':
      return say('', `menu ${event.menu}`);
    case 'playing': {
      const text = event.sounds.map((sound) => soundText(sound, promptTexts)).join(' ');
      return say('flow', `“${text}”  ${placeText(event.action)}`.trimEnd());
    }
    case 'collected':
      return say(
        '',
        `${event.digitCount} keys into ${event.variable}${event.secure ? ' (secure)' : ''}: ${event.path}`,
      );
    case 'chosen':
      return say('', `choice ${event.choice} by ${event.by}`);
    case 'not_chosen':
      return say('', `nothing chosen, ${event.repeatsLeft} times left`);
    case 'language_set':
      return say('', `language ${event.language}`);
    case 'secure':
      return say('', event.on ? 'secure: nobody else listens' : 'no longer secure');
    case 'data_action_started':
      return say('action', `${event.action}${event.secure ? ' (secure)' : ''} …`);
    case 'data_action_ended': {
      const { result } = event;
      const told = result.kind === 'success' ? shownOutputs(result.outputs) : '';
      const why = result.kind === 'failure' ? `: ${result.reason}` : '';
      const latency = `${Math.round(event.latencyMs)} ms`;
      return say('action', `${event.action}: ${result.kind}${why} ${told} (${latency})`);
    }
    case 'looked_up':
      return say('', `${event.type}: ${event.path}`);
    case 'participant_data_set':
      return say('data', `${event.name} = ${event.value}`);
    case 'screen_pop_set': {
      const inputs = Object.entries(event.inputs).map(
        ([name, value]) => `${name}=${shownValue(value)}`,
      );
      return say('screen', `${event.script} ${inputs.join(' ')}`);
    }
    case 'transferred': {
      const { target, accepted } = event;
      const where =
        target.kind === 'queue' ? `${target.queue} (${target.skills.join(', ')})` : target.kind;
      return say('', `transfer to ${where}${accepted ? '' : ': not taken'}`);
    }
    case 'error':
      return say(
        'error',
        `${event.fault.message}  ${event.fault.position.file}:${event.fault.position.line}`,
      );
    case 'ended':
      return say('', `the call is over: ${event.end.how.kind.replaceAll('_', ' ')}`);
    case 'action_entered':
    case 'task_left':
    case 'played':
    case 'listening':
      return null;
  }
}

/** What the caller did, as a line of the transcript. */
export function callerLine(atMs: number, what: string): string {
  return line(atMs, 'caller', what);
}
