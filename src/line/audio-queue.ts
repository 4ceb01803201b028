import type { Audio } from '../architect/expression/value.ts';
import type { ActionPlace } from './call.ts';

interface Queued {
  readonly audio: Audio;
  readonly action: ActionPlace | null;
}

/**
 * Audio that waits to be played. Genesys queues what a flow plays, and plays it when the flow next
 * wants something of the caller, of a data action or of a transfer.
 *
 * "When barge-in triggers, it causes the current audio play to abort as well as to skip any audio
 * plays still in the queue, regardless of their barge-in settings."
 * @see https://help.mypurecloud.com/faqs/when-does-architect-force-audio-to-flush/
 * @see https://help.mypurecloud.com/articles/about-barge-in-options/
 */
export class AudioQueue {
  #queued: Queued[] = [];

  add(audio: Audio | null, action: ActionPlace | null): void {
    if (audio !== null && audio.sounds.length > 0) this.#queued.push({ audio, action });
  }

  clear(): void {
    this.#queued = [];
  }

  take(): Queued | null {
    return this.#queued.shift() ?? null;
  }
}
