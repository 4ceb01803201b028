import type { Sound } from '../architect/expression/value.ts';

/** A key as its ASCII code: `0` is 48, `*` is 42, `#` is 35. A number, so that no digit becomes text. */
export type KeyCode = number;

/** What a caller did. */
export type CallerEvent =
  | { readonly kind: 'key'; readonly code: KeyCode }
  | { readonly kind: 'speech'; readonly text: string }
  | { readonly kind: 'hung_up' };

/** Where a call goes when it leaves the flow. */
export type TransferTarget =
  | {
      readonly kind: 'queue';
      readonly queue: string;
      readonly skills: readonly string[];
      readonly priority: number;
    }
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'agent' }
  | { readonly kind: 'other'; readonly name: string };

/**
 * A caller's telephone, as a flow uses it: play, listen, transfer, hang up. The terminal, the
 * browser and the player of call files each are one; they pass the same conformance suite
 * (`test/conformance/telephone.ts`).
 *
 * Keys that are pressed while nothing listens are kept in order (type-ahead), also those that
 * interrupted a sound.
 */
export interface Telephone {
  /**
   * Plays sounds, one after the other.
   *
   * @param bargeIn a key, or speech while `listening`, ends it early.
   * @returns once it has been heard, or was interrupted, or the caller is gone.
   */
  play(
    sounds: readonly Sound[],
    options: { readonly bargeIn: boolean; readonly listening: boolean },
  ): Promise<'heard' | 'interrupted' | 'hung_up'>;
  /**
   * The next thing that the caller does.
   *
   * @param waitMs how long to wait for it.
   * @param listening whether speech counts; without it speech is not heard.
   * @returns `null` when the time is over.
   */
  next(waitMs: number, listening: boolean): Promise<CallerEvent | null>;
  /** Forgets keys that were pressed ahead. */
  flush(): void;
  /** While true nobody else may listen, and nothing of what is keyed may be shown or kept. */
  secure(on: boolean): void;
  /**
   * @param connectTimeoutMs how long the flow gives the target; `null` leaves it to the telephone.
   * @returns false where the target does not take the call.
   */
  transfer(target: TransferTarget, connectTimeoutMs: number | null): Promise<boolean>;
  hangUp(): Promise<void>;
  /** True once the caller, or the flow, has ended the call. */
  readonly ended: boolean;
  /** Resolves once `ended` is true: a hang-up also counts while a flow waits for something else. */
  readonly whenEnded: Promise<void>;
}
