import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static, type TObject } from 'typebox';
import type { Asking } from '../../bridge/desk/desk.ts';
import type { SignedIn } from '../../bridge/desk/staff.ts';
import type { Right } from '../../contract/staff.ts';
import { openReader, typedQuery } from '../validation.ts';
import { originOf, type Guard } from './guard.ts';

/** A name that is not known is a slip, and not ignored. */
export const CLOSED = { additionalProperties: false };

/** What a person gives as the reason of something that they do. */
export const Reason = Type.String({ minLength: 3, maxLength: 200, pattern: '\\S' });

/** An id that Tokenline gave. */
export const OwnId = Type.String({ pattern: '^[a-z]{2,8}_[a-z]{20}$' });

/** An id of ours, of Genesys, of the merchant or of a gateway: whatever can be printed, no spaces. */
export const AnyId = Type.String({ pattern: '^[!-~]{1,128}$' });

/** UTC, ISO 8601; the bridge reads it. */
export const Moment = Type.String({ maxLength: 32 });

/** How the pages' requests are taken: who asks is known, and may. */
export interface Serving {
  /** A question. The query is checked where a schema is given. */
  show<S extends TObject>(
    path: string,
    right: Right,
    query: S,
    run: (query: Static<S>, asking: Asking) => Promise<object>,
  ): void;
  /** Something that changes something. */
  take<S extends TObject>(
    path: string,
    right: Right,
    body: S,
    run: (body: Static<S>, asking: Asking) => Promise<object>,
  ): void;
}

/** Who asks, and from where. */
export function askingOf(request: FastifyRequest, person: SignedIn): Asking {
  return { person, origin: originOf(request) };
}

export function openServing(app: FastifyInstance, guard: Guard): Serving {
  return {
    show(path, right, schema, run) {
      const read = openReader(schema, 'query');
      app.get(`/console/api/${path}`, async (request) => {
        const person = await guard.admit(request, right);
        return run(read(typedQuery(schema, request.query)), askingOf(request, person));
      });
    },
    take(path, right, schema, run) {
      const read = openReader(schema, 'body');
      app.post(`/console/api/${path}`, async (request) => {
        const person = await guard.admit(request, right);
        return run(read(request.body), askingOf(request, person));
      });
    },
  };
}
