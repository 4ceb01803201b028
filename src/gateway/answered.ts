import type { Exchange } from '../system/http-client.ts';
import { membersOf, parsed, type Members } from './json.ts';

/** The members of a 200, read; `null` for everything else. */
export function ok<T>(exchange: Exchange, read: (members: Members) => T | null): T | null {
  if (exchange.kind !== 'answered' || exchange.response.status !== 200) return null;
  const members = membersOf(parsed(exchange.response.body));
  return members === null ? null : read(members);
}
