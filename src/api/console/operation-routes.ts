import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Desk } from '../../bridge/desk/desk.ts';
import { GATEWAY_ANSWERS } from '../../contract/console-operations.ts';
import { OPERATION_KINDS, OPERATION_STATES } from '../../payment/operation.ts';
import { ERROR_CODE_LIST } from '../../payment/outcome.ts';
import { SUBSCRIPTION_STATUSES } from '../../payment/subscription.ts';
import type { Guard } from './guard.ts';
import { AnyId, CLOSED, Moment, OwnId, Reason, type Serving } from './serving.ts';
import type { StreamMeans } from '../stream.ts';
import { openStream } from './stream.ts';

const OperationsQuery = Type.Object(
  {
    id: Type.Optional(AnyId),
    kind: Type.Optional(Type.Enum([...OPERATION_KINDS])),
    state: Type.Optional(Type.Enum([...OPERATION_STATES])),
    error: Type.Optional(Type.Enum([...ERROR_CODE_LIST])),
    gateway: Type.Optional(Type.Enum([...GATEWAY_ANSWERS])),
    from: Type.Optional(Moment),
    to: Type.Optional(Moment),
    before: Type.Optional(OwnId),
  },
  CLOSED,
);

const SubscriptionsQuery = Type.Object(
  {
    status: Type.Optional(Type.Enum([...SUBSCRIPTION_STATUSES])),
    plan: Type.Optional(AnyId),
    customer: Type.Optional(AnyId),
    before: Type.Optional(OwnId),
  },
  CLOSED,
);

const OneQuery = Type.Object({ id: OwnId }, CLOSED);

/** What was looked at takes more words than a reason. */
const Evidence = Type.String({ minLength: 10, maxLength: 1_000, pattern: '\\S' });

const ProposalBody = Type.Object(
  {
    operation_id: OwnId,
    ending: Type.Enum(['approved', 'failed']),
    gateway_reference: Type.Optional(AnyId),
    reason: Reason,
    evidence: Evidence,
  },
  CLOSED,
);

const one = { operation_id: OwnId, proposal_id: OwnId };
const ConfirmationBody = Type.Object(one, CLOSED);
const RefusalBody = Type.Object({ ...one, reason: Reason }, CLOSED);

/** What the pages Operations and Subscriptions ask for. */
export function serveOperations(
  app: FastifyInstance,
  guard: Guard,
  means: StreamMeans & { readonly desk: Desk },
  serving: Serving,
): void {
  const { desk } = means;
  serving.show('operations', 'watch', OperationsQuery, (filter) => desk.operations(filter));
  serving.show('operations/story', 'watch', OneQuery, ({ id }) => desk.story(id));
  openStream(app, guard, means, {
    path: 'operations/story/events',
    right: 'watch',
    query: OneQuery,
    look: ({ id }) => desk.story(id),
  });
  serving.show('subscriptions', 'watch', SubscriptionsQuery, (asked) => desk.subscriptions(asked));
  serving.show('subscriptions/one', 'watch', OneQuery, ({ id }) => desk.subscription(id));
  serving.take('operations/propose', 'operate', ProposalBody, (order, asking) =>
    desk.propose(asking, order),
  );
  serving.take('operations/confirm', 'operate', ConfirmationBody, (order, asking) =>
    desk.confirm(asking, order),
  );
  serving.take('operations/refuse', 'operate', RefusalBody, (order, asking) =>
    desk.refuse(asking, order),
  );
}
