import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static, type TObject } from 'typebox';
import type { Asking, Desk } from '../../bridge/desk.ts';
import type { SignedIn } from '../../bridge/staff.ts';
import type { Right } from '../../contract/staff.ts';
import { openReader, typedQuery } from '../validation.ts';
import { originOf, type Guard } from './guard.ts';
import { openStream, type StreamMeans } from './stream.ts';

const CLOSED = { additionalProperties: false };

/** What a person gives as the reason of something that they do. */
const Reason = Type.String({ minLength: 3, maxLength: 200, pattern: '\\S' });

const SwitchBody = Type.Object({ state: Type.Enum(['on', 'off']), reason: Reason }, CLOSED);

const EventId = Type.String({ pattern: '^[a-z]{2,8}_[a-z]{20}$' });

const ReplayBody = Type.Object({ event_id: EventId }, CLOSED);

/** How the pages' requests are taken: who asks is known, and may. */
interface Serving {
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

function askingOf(request: FastifyRequest, person: SignedIn): Asking {
  return { person, origin: originOf(request) };
}

function openServing(app: FastifyInstance, guard: Guard): Serving {
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

const NOTHING = Type.Object({}, CLOSED);

/** What the pages ask for, one line each. */
export function serveDesk(
  app: FastifyInstance,
  guard: Guard,
  means: StreamMeans & { readonly desk: Desk },
): void {
  const { desk } = means;
  const serving = openServing(app, guard);
  openStream(app, guard, means, { path: 'live/events', right: 'watch', look: () => desk.live() });
  serving.show('live', 'watch', NOTHING, () => desk.live());
  serving.show('switch', 'watch', NOTHING, () => desk.switch());
  serving.take('switch', 'operate', SwitchBody, (order, asking) => desk.setSwitch(asking, order));
  serving.show('deliveries', 'watch', NOTHING, () => desk.deliveries());
  serving.take('deliveries/replay', 'operate', ReplayBody, ({ event_id: id }, asking) =>
    desk.replay(asking, id),
  );
}
