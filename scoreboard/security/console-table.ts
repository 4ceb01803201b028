import type { Right } from '../../src/contract/staff.ts';

/** Who may use a route of the console. `signed in`: whoever has a role at all. */
export type ConsoleLeave = 'anyone' | 'signed in' | Right;

/** By hand and once more, as `WHO_MAY` is: a route that is not here, and a line without one, are violations. */
export const WHO_MAY_IN_THE_CONSOLE: Readonly<Record<string, ConsoleLeave>> = {
  'GET /console': 'anyone',
  'GET /console/*': 'anyone',
  'GET /console/sign-in': 'anyone',
  'GET /console/signed-in': 'anyone',
  'GET /console/api/me': 'signed in',
  'GET /console/api/live': 'watch',
  'GET /console/api/live/events': 'watch',
  'GET /console/api/switch': 'watch',
  'POST /console/api/switch': 'operate',
  'GET /console/api/deliveries': 'watch',
  'GET /console/api/funnel': 'watch',
  'POST /console/api/deliveries/replay': 'operate',
  'GET /console/api/operations': 'watch',
  'GET /console/api/operations/story': 'watch',
  'GET /console/api/operations/story/events': 'watch',
  'POST /console/api/operations/propose': 'operate',
  'POST /console/api/operations/confirm': 'operate',
  'POST /console/api/operations/refuse': 'operate',
  'GET /console/api/subscriptions': 'watch',
  'GET /console/api/subscriptions/one': 'watch',
  'GET /console/api/audit/find': 'audit',
  'GET /console/api/audit/evidence': 'audit',
  'GET /console/api/audit/print': 'audit',
  'POST /console/api/audit/verify': 'audit',
  'POST /console/api/sign-out': 'signed in',
};

/** The sandbox's six people, and what each holds; nobody has told the sixth of a role. */
export const PEOPLE_HOLD: Readonly<Record<string, readonly ConsoleLeave[]>> = {
  vera: ['signed in', 'watch'],
  otto: ['signed in', 'watch', 'operate'],
  olga: ['signed in', 'watch', 'operate'],
  audrey: ['signed in', 'watch', 'audit'],
  ada: ['signed in', 'watch', 'operate', 'audit', 'administer'],
  nora: [],
};
