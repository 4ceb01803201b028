import { isDirectoryAnswer } from '../contract/directory.ts';
import { languageOf } from '../payment/language.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { Clock } from '../system/clock.ts';
import type { Exchange, HttpClient } from '../system/http-client.ts';
import type { Log } from '../system/log.ts';
import type { Customer, Directory } from './directory.ts';

export interface HttpDirectorySettings {
  /** `http(s)://host/path`; the query is added. */
  readonly url: string;
  /** One header, `Name: value`, or `null`. */
  readonly header: string | null;
}

/** A greeting by name is not worth a longer silence at the start of a call. */
const BUDGET_MS = 2_000;

/** One call asks several times; a change in the CRM is heard by the next call. */
const KEEP_MS = 60_000;
const KEPT_MAX = 1_000;

interface Kept {
  readonly customer: Customer | null;
  readonly untilMs: number;
}

/**
 * The merchant's CRM over HTTP: `GET {url}?ani=…` or `?customer_id=…`. 404 is somebody whom it does
 * not know. Any failure is that as well, and an alarm: the caller can still give a customer number.
 *
 * @param http a client of the url's origin.
 */
export function openHttpDirectory(
  settings: HttpDirectorySettings,
  http: HttpClient,
  clock: Clock,
  log: Log,
): Directory {
  const { pathname, searchParams } = new URL(settings.url);
  const headers = { accept: 'application/json', ...headerOf(settings.header) };
  const kept = new Map<string, Kept>();

  async function find(name: 'ani' | 'customer_id', value: string): Promise<Customer | null> {
    const query = new URLSearchParams(searchParams);
    query.set(name, value);
    const path = `${pathname}?${query.toString()}`;
    const known = kept.get(path);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.customer;
    const request = { method: 'GET', path, headers, body: null } as const;
    const exchange = await new Deadline(clock, BUDGET_MS).within((signal) =>
      http.exchange(request, signal),
    );
    const customer = customerIn(exchange);
    if (customer === undefined) {
      log.alarm('directory.failed', failureOf(exchange));
      return null;
    }
    kept.delete(path);
    kept.set(path, { customer, untilMs: clock.monotonicMs() + KEEP_MS });
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return customer;
  }

  return {
    byAni: (ani) => find('ani', ani),
    byCustomerId: (customerId) => find('customer_id', customerId),
  };
}

/** A directory for a merchant who has none: customers give their number. */
export const emptyDirectory: Directory = {
  byAni: () => Promise.resolve(null),
  byCustomerId: () => Promise.resolve(null),
};

function headerOf(line: string | null): Record<string, string> {
  if (line === null) return {};
  const colon = line.indexOf(':');
  return { [line.slice(0, colon).trim().toLowerCase()]: line.slice(colon + 1).trim() };
}

/** `undefined` where nothing has been learnt. */
function customerIn(exchange: Exchange): Customer | null | undefined {
  if (exchange.kind !== 'answered') return undefined;
  const { status, body } = exchange.response;
  if (status === 404) return null;
  const found = status === 200 ? parsed(body) : undefined;
  if (!isDirectoryAnswer(found)) return undefined;
  return {
    customerId: found.customer_id,
    language: found.language ? languageOf(found.language) : null,
    spokenName: found.spoken_name ?? null,
  };
}

function failureOf(exchange: Exchange): { kind: string; error?: string; status?: number } {
  const { kind } = exchange;
  return kind === 'answered'
    ? { kind, status: exchange.response.status }
    : { kind, error: exchange.reason };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
