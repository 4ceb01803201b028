import { auditPage } from './audit-page.ts';
import { deliveriesPage } from './deliveries-page.ts';
import { funnelPage } from './funnel-page.ts';
import { livePage } from './live-page.ts';
import { operationsPage } from './operations-page.ts';
import type { Page } from './page.ts';
import { subscriptionsPage } from './subscriptions-page.ts';
import { switchPage } from './switch-page.ts';

/** In the order of the menu; the first one that a person may see opens by itself. */
export const PAGES: readonly Page[] = [
  livePage,
  switchPage,
  operationsPage,
  subscriptionsPage,
  deliveriesPage,
  funnelPage,
  auditPage,
];
