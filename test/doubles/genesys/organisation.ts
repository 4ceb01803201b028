import type { Models } from 'purecloud-platform-client-v2';

/** A request that has been judged. */
export interface Ask {
  readonly names: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** By method and path, as `GET /api/v2/flows`. */
export type Routes = Readonly<Record<string, (ask: Ask) => Answer>>;

export const ok = (body: unknown): Answer => ({ status: 200, body: structuredClone(body) });
export const gone: Answer = { status: 204, body: null };

/** `ErrorBody` of the SDK. */
export function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { status, code, message, details: [], errors: [] } };
}

export const notFound = (what: string): Answer =>
  refusal(404, 'not.found', `Unable to find ${what}.`);

/** Everything that an organisation has, in the SDK's own types. */
export class Organisation {
  readonly name = 'Acme';
  /** What the OAuth client is known by; flows say who published them. */
  clientId = 'oauth-client';
  readonly divisions: Models.AuthzDivision[] = [
    { id: 'division-home', name: 'Home', description: '', homeDivision: true },
  ];
  readonly credentials = new Map<string, Models.CredentialInfo>();
  /** The values of credentials, which no answer ever has. */
  readonly credentialFields = new Map<string, Readonly<Record<string, string>>>();
  readonly integrations = new Map<string, Models.Integration>();
  readonly integrationConfigs = new Map<string, Models.IntegrationConfiguration>();
  /** Published. */
  readonly actions = new Map<string, Models.Action>();
  readonly drafts = new Map<string, Models.Action>();
  readonly skills = new Map<string, Models.RoutingSkill>();
  readonly queues = new Map<string, Models.Queue>();
  readonly prompts = new Map<string, Models.Prompt>();
  readonly flows = new Map<string, Models.Flow>();
  /** The YAML that each flow was published from. */
  readonly flowTexts = new Map<string, string>();
  /** What each published flow is bound to: ids. */
  readonly bindings = new Map<string, ReadonlySet<string>>();
  readonly callRoutes = new Map<string, Models.IVR>();
  /** Numbers that the organisation has bought. */
  readonly numbers = new Set<string>(['+13175550100', '+13175550101']);
  /** The largest page that is given, whatever is asked. */
  pageSizeMax = 100;
  #count = 0;

  id(kind: string): string {
    this.#count += 1;
    return `${kind}-${this.#count}`;
  }

  /** Later with every call. */
  date(): string {
    this.#count += 1;
    return new Date(Date.UTC(2026, 10, 25) + this.#count * 1000).toISOString();
  }

  page(entities: readonly unknown[], { query }: Ask): Answer {
    const pageSize = Math.min(Number(query['pageSize'] ?? 25), this.pageSizeMax);
    const pageNumber = Number(query['pageNumber'] ?? 1);
    const from = (pageNumber - 1) * pageSize;
    return ok({
      entities: entities.slice(from, from + pageSize),
      pageSize,
      pageNumber,
      total: entities.length,
      pageCount: Math.ceil(entities.length / pageSize),
    });
  }

  /** Pages by the address of the next one, as the listing of credentials has them. */
  cursorPage(path: string, entities: readonly unknown[], { query }: Ask): Answer {
    const pageSize = Math.min(Number(query['pageSize'] ?? 25), this.pageSizeMax);
    const from = Number(query['after'] ?? 0);
    const to = from + pageSize;
    const next =
      to < entities.length ? { nextUri: `${path}?after=${to}&pageSize=${pageSize}` } : {};
    return ok({ entities: entities.slice(from, to), ...next });
  }

  /** Who is bound to an object, by its id. */
  consumersOf(id: string): Models.Dependency[] {
    const flows = [...this.bindings].filter(([, ids]) => ids.has(id)).map(([flow]) => flow);
    const types: Readonly<Record<string, string>> = {
      inboundcall: 'INBOUNDCALLFLOW',
      securecall: 'SECURECALLFLOW',
      workflow: 'WORKFLOW',
    };
    return [
      ...flows.flatMap((flowId) => {
        const flow = this.flows.get(flowId);
        const type = types[(flow?.type ?? '').toLowerCase()] ?? 'WORKFLOW';
        return flow === undefined ? [] : [{ id: flowId, name: flow.name, type, deleted: false }];
      }),
      ...[...this.callRoutes.values()]
        .filter(({ openHoursFlow }) => openHoursFlow?.id === id)
        .map(({ id: route, name }) => ({
          ...(route && { id: route }),
          name,
          type: 'IVRCONFIGURATION',
        })),
    ];
  }
}

/** Genesys names are compared without case; a `*` stands for anything. */
export function named(entities: Iterable<{ readonly name?: string }>, pattern: unknown) {
  const all = [...entities];
  if (typeof pattern !== 'string' || pattern === '') return all;
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const wanted = new RegExp(`^${escaped}$`, 'i');
  return all.filter(({ name }) => wanted.test(name ?? ''));
}

export function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

/** Null-free copy of what was sent, for members that are taken over as they are. */
export function taken<T extends object>(body: Readonly<Record<string, unknown>>): Partial<T> {
  return structuredClone(body) as Partial<T>;
}

export function nameTaken(entities: Iterable<{ readonly name?: string }>, name: string): boolean {
  return [...entities].some((entity) => entity.name?.toLowerCase() === name.toLowerCase());
}
