import type { CallEnd, CallEvent } from '../call.ts';
import type { Piece } from '../speech/playback.ts';

/**
 * What goes over the socket of a call. A key is a binary message of one byte, its ASCII code, and
 * never text: it goes the way of a digit from its first moment. Everything else is JSON.
 */
export type ToPage =
  | {
      readonly type: 'play';
      /** From 1, one up with each. The page says `heard` with it. */
      readonly id: number;
      readonly pieces: readonly Piece[];
      readonly bargeIn: boolean;
    }
  /** Something interrupted what plays. */
  | { readonly type: 'stop'; readonly id: number }
  | { readonly type: 'event'; readonly event: ShownEvent }
  /** The caller is with an agent, whose desktop has this address. */
  | { readonly type: 'with_agent'; readonly address: string }
  | { readonly type: 'over'; readonly how: CallEnd['how']['kind'] | 'failed' };

/** A call's event as the page sees it. */
export type ShownEvent =
  | Exclude<
      CallEvent,
      { readonly kind: 'playing' | 'played' | 'data_action_ended' | 'screen_pop_set' | 'ended' }
    >
  | {
      readonly kind: 'data_action_ended';
      readonly atMs: number;
      readonly action: string;
      readonly result: 'success' | 'failure' | 'timeout';
      /** Why it failed, or the answer's `outcome`, `route` and `error_code`. */
      readonly detail: string;
      readonly latencyMs: number;
    };

export type FromPage =
  | {
      readonly type: 'start';
      readonly ani: string;
      /** Key of a {@link Scenario}. */
      readonly scenario: string;
      /** Whether anybody takes a call that is transferred. */
      readonly agents: boolean;
      /** Whether whoever sits at the page is the agent as well. */
      readonly desktop: boolean;
    }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'heard'; readonly id: number }
  | { readonly type: 'hang_up' };

/** What an agent, or a recogniser, would take as one utterance. */
const SAY_LETTERS_MAX = 200;
/** E.164 has 15 digits at most. */
const ANI = /^(?:\+[1-9]\d{6,14})?$/;

type Json = Readonly<Record<string, unknown>>;

function objectIn(text: string): Json | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : null;
  } catch {
    return null;
  }
}

/** @returns `null` for what no page of ours sends. */
export function readFromPage(text: string): FromPage | null {
  const json = objectIn(text);
  switch (json?.['type']) {
    case 'start': {
      const { ani, scenario, agents, desktop = false } = json;
      if (typeof ani !== 'string' || !ANI.test(ani)) return null;
      if (typeof scenario !== 'string' || typeof agents !== 'boolean') return null;
      if (typeof desktop !== 'boolean') return null;
      return { type: 'start', ani, scenario, agents, desktop };
    }
    case 'say': {
      const said = json['text'];
      if (typeof said !== 'string' || said.length > SAY_LETTERS_MAX || said.trim() === '') {
        return null;
      }
      return { type: 'say', text: said.trim() };
    }
    case 'heard': {
      const id = json['id'];
      return typeof id === 'number' && Number.isInteger(id) ? { type: 'heard', id } : null;
    }
    case 'hang_up':
      return { type: 'hang_up' };
    default:
      return null;
  }
}

/** What may be shown of an event; `null` where the page learns it otherwise. */
export function shownEvent(event: CallEvent): ShownEvent | null {
  if (event.kind === 'data_action_ended') {
    const { kind, atMs, action, result, latencyMs } = event;
    return { kind, atMs, action, result: result.kind, detail: detailOf(result), latencyMs };
  }
  const elsewhere =
    event.kind === 'playing' ||
    event.kind === 'played' ||
    event.kind === 'screen_pop_set' ||
    event.kind === 'ended';
  return elsewhere ? null : event;
}

function detailOf(
  result: Extract<CallEvent, { readonly kind: 'data_action_ended' }>['result'],
): string {
  if (result.kind === 'failure') return result.reason;
  if (result.kind === 'timeout') return 'no answer in time';
  const words = ['outcome', 'error_code', 'route'].map((name) => result.outputs[name]);
  const said = words.filter((word): word is string => typeof word === 'string' && word !== '');
  return said.join(' · ');
}
