/** Architect's types, as far as voice flows use them. */
export type ScalarType =
  | 'string'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'duration'
  | 'datetime'
  | 'date'
  | 'time'
  | 'currency'
  | 'phonenumber'
  | 'json'
  | 'audio'
  | 'prompt'
  | 'queue'
  | 'skill'
  | 'language'
  | 'user'
  | 'group'
  | 'schedulegroup';

export type ArchitectType = ScalarType | { readonly collectionOf: ScalarType };

/** One piece of what a caller hears. */
export type Sound =
  | { readonly kind: 'speech'; readonly text: string; readonly language: string }
  /** A prompt of the organisation, by name without `Prompt.`. */
  | { readonly kind: 'prompt'; readonly name: string; readonly language: string }
  | { readonly kind: 'silence'; readonly durationMs: number };

/** What a caller hears, and whether a key interrupts it (Genesys: AudioPlaybackOptions). */
export interface Audio {
  readonly sounds: readonly Sound[];
  readonly bargeIn: boolean;
}

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * A value of an Architect variable or expression. `not_set` is a state that every type has: Architect
 * calls it NOT_SET. Secure data is never one of these: it stays with the line, as bytes.
 */
export type Value =
  | { readonly type: 'not_set' }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'decimal'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** Milliseconds. */
  | { readonly type: 'duration'; readonly value: number }
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  | { readonly type: 'datetime'; readonly value: number }
  /** `2026-11-25`. */
  | { readonly type: 'date'; readonly value: string }
  /** `13:30:00`. */
  | { readonly type: 'time'; readonly value: string }
  | { readonly type: 'currency'; readonly value: number; readonly currency: string }
  /** E.164. */
  | { readonly type: 'phonenumber'; readonly value: string }
  | { readonly type: 'json'; readonly value: JsonValue }
  | { readonly type: 'audio'; readonly value: Audio }
  /** A thing of the organisation, by its name. */
  | {
      readonly type: 'queue' | 'skill' | 'language' | 'user' | 'group' | 'schedulegroup' | 'prompt';
      readonly name: string;
    }
  | { readonly type: 'collection'; readonly of: ScalarType; readonly items: readonly Value[] };

/** `NOT_SET` itself. */
export const NOT_SET: Value = { type: 'not_set' };
