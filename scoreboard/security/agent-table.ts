/** Who may use a route of the agent's page. `known`: whose browser Genesys has named to us; `seated`: who
 * has shown, besides, that they take part in the call. */
export type AgentLeave = 'anyone' | 'own page' | 'known' | 'seated';

/** By hand and once more, as `WHO_MAY` is: a route that is not here, and a line without one, are violations. */
export const WHO_MAY_AT_A_CALL: Readonly<Record<string, AgentLeave>> = {
  'GET /agent': 'anyone',
  'GET /agent/signed-in': 'anyone',
  'GET /agent/agent/*': 'anyone',
  'GET /agent/desk/*': 'anyone',
  'GET /agent/api/sign-in': 'anyone',
  'POST /agent/api/sign-in': 'own page',
  'POST /agent/api/sign-out': 'own page',
  'POST /agent/api/open': 'known',
  'GET /agent/api/call/events': 'seated',
  'POST /agent/api/call/entry': 'seated',
};
