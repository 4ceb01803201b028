import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Desk } from '../../bridge/desk/desk.ts';
import { FUNNEL_DAYS_MAX } from '../../contract/funnel.ts';
import type { Guard } from './guard.ts';
import { serveOperations } from './operation-routes.ts';
import { CLOSED, Moment, openServing, OwnId, Reason } from './serving.ts';
import type { StreamMeans } from '../stream.ts';
import { openStream } from './stream.ts';

const SwitchBody = Type.Object({ state: Type.Enum(['on', 'off']), reason: Reason }, CLOSED);

const ReplayBody = Type.Object({ event_id: OwnId }, CLOSED);

const FunnelQuery = Type.Object(
  {
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: FUNNEL_DAYS_MAX })),
    from: Type.Optional(Moment),
    to: Type.Optional(Moment),
  },
  CLOSED,
);

const NOTHING = Type.Object({}, CLOSED);

/** What the pages ask for, one line each. */
export function serveDesk(
  app: FastifyInstance,
  guard: Guard,
  means: StreamMeans & { readonly desk: Desk },
): void {
  const { desk } = means;
  const serving = openServing(app, guard);
  openStream(app, guard, means, {
    path: 'live/events',
    right: 'watch',
    query: NOTHING,
    look: () => desk.live(),
  });
  serving.show('live', 'watch', NOTHING, () => desk.live());
  serving.show('switch', 'watch', NOTHING, () => desk.switch());
  serving.take('switch', 'operate', SwitchBody, (order, asking) => desk.setSwitch(asking, order));
  serving.show('deliveries', 'watch', NOTHING, () => desk.deliveries());
  serving.take('deliveries/replay', 'operate', ReplayBody, ({ event_id: id }, asking) =>
    desk.replay(asking, id),
  );
  serving.show('funnel', 'watch', FunnelQuery, (asked) => desk.funnel(asked));
  serveOperations(app, guard, means, serving);
}
