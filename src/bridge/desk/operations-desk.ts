import type {
  ConfirmationOrder,
  OperationsFilter,
  OperationsView,
  ProposalOrder,
  RefusalOrder,
  StoryView,
} from '../../contract/console-operations.ts';
import type {
  SubscriptionsFilter,
  SubscriptionsView,
  SubscriptionView,
} from '../../contract/console-subscriptions.ts';
import type { Actor, Bridge } from '../bridge.ts';
import type { Asking } from './desk.ts';
import { operationStory } from './operation-story.ts';
import { operationsView } from './operations-view.ts';
import { confirm, propose, refuse } from './resolve.ts';
import { actorOf } from './staff.ts';
import { subscriptionsView, subscriptionView } from './subscriptions-view.ts';

/** What the pages Operations and Subscriptions ask of the bridge. */
export interface OperationsDesk {
  operations(filter: OperationsFilter): Promise<OperationsView>;
  story(operationId: string): Promise<StoryView>;
  subscriptions(filter: SubscriptionsFilter): Promise<SubscriptionsView>;
  subscription(id: string): Promise<SubscriptionView>;
  /** How an operation in doubt has ended, until another person has answered. */
  propose(asking: Asking, order: ProposalOrder): Promise<StoryView>;
  /** Carries out what another person has proposed. */
  confirm(asking: Asking, order: ConfirmationOrder): Promise<StoryView>;
  /** Turns a proposal down, or takes one's own back. */
  refuse(asking: Asking, order: RefusalOrder): Promise<StoryView>;
}

export function openOperationsDesk(bridge: Bridge): OperationsDesk {
  const by = ({ person, origin }: Asking): Actor => actorOf(person, origin);
  return {
    operations: (filter) => operationsView(bridge, filter),
    story: (id) => operationStory(bridge, id),
    subscriptions: (filter) => subscriptionsView(bridge, filter),
    subscription: (id) => subscriptionView(bridge, id),
    async propose(asking, order) {
      await propose(bridge, by(asking), order);
      return operationStory(bridge, order.operation_id);
    },
    async confirm(asking, order) {
      await confirm(bridge, by(asking), order);
      return operationStory(bridge, order.operation_id);
    },
    async refuse(asking, order) {
      await refuse(bridge, by(asking), order);
      return operationStory(bridge, order.operation_id);
    },
  };
}
