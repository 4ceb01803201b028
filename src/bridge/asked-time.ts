import { Fault } from '../payment/fault.ts';

/** A moment that somebody asks for. @throws {Fault} where it is none. */
export function momentOf(text: string | undefined, name: string): number | null {
  if (text === undefined) return null;
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) {
    throw new Fault('bad_request', `${name} has to be a UTC time such as 2026-11-23T12:00:00Z.`);
  }
  return epochMs;
}

/** The same as entries of the ledger have it. */
export function isoTime(text: string | undefined, name: string): string | null {
  const epochMs = momentOf(text, name);
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
