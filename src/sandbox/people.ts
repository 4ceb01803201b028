import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';
import { PeopleStore } from './people-store.ts';

/** Where the provider is, below the sandbox's own address. */
export const PEOPLE_PATH = '/people';

/** Staff of the sandbox: one person for each role of the console, and one with none. */
export const PEOPLE = [
  { id: 'vera', name: 'Vera Viewer', groups: ['tokenline-viewer'] },
  { id: 'otto', name: 'Otto Operator', groups: ['tokenline-operator'] },
  { id: 'olga', name: 'Olga Operator', groups: ['tokenline-operator'] },
  { id: 'audrey', name: 'Audrey Auditor', groups: ['tokenline-auditor'] },
  { id: 'ada', name: 'Ada Admin', groups: ['tokenline-admin'] },
  { id: 'nora', name: 'Nora Norole', groups: [] },
] as const;

export interface PeopleSettings {
  /** `http://host:port/people`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Keys of the cookies by which the provider knows a browser. */
  readonly cookieKeys: readonly string[];
}

function page(uid: string): string {
  const buttons = PEOPLE.map(
    ({ id, name }) => `<button name="person" value="${id}">${name}</button>`,
  ).join('\n    ');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sandbox: sign in</title>
<link rel="stylesheet" href="${PEOPLE_PATH}/people.css">
<main>
  <h1>Who are you today?</h1>
  <p>This is the sandbox's identity provider. Nobody here is real, and there is no password. In live
  mode people sign in at yours (<code>sign_in</code> in the configuration).</p>
  <form method="post" action="${PEOPLE_PATH}/interaction/${uid}">
    ${buttons}
  </form>
</main>
</html>`;
}

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 10vh auto; padding: 0 1rem; }
form { display: grid; gap: .5rem; }
button { font: inherit; padding: .75rem 1rem; text-align: left; cursor: pointer; }
`;

const POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";

async function configurationOf(settings: PeopleSettings): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'sandbox' };
  return {
    adapter: PeopleStore,
    clients: [
      {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        redirect_uris: [settings.redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: [...settings.cookieKeys] },
    claims: {
      openid: ['sub', 'amr'],
      profile: ['name', 'preferred_username', 'groups'],
      email: [],
    },
    // The ID token itself carries the claims: nothing else has to be asked.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `${PEOPLE_PATH}/interaction/${interaction.uid}` },
    async findAccount(_, id) {
      const person = PEOPLE.find((candidate) => candidate.id === id);
      if (person === undefined) return undefined;
      const { name, groups } = person;
      const claims = { sub: id, name, preferred_username: id, groups: [...groups], amr: ['mfa'] };
      return { accountId: id, claims: () => Promise.resolve(claims) };
    },
    // The console asks for itself: there is nobody to ask for leave.
    async loadExistingGrant(context) {
      const { client, session, provider, params } = context.oidc;
      const accountId = session?.accountId;
      if (client === undefined || accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId });
      const wanted = params?.['scope'];
      grant.addOIDCScope(typeof wanted === 'string' ? wanted : 'openid');
      await grant.save();
      return grant;
    },
    ttl: { Session: 60, Interaction: 600, Grant: 60, IdToken: 60, AccessToken: 60 },
  };
}

/** What the provider's framework wants of a request whose path begins below a prefix. */
type Mounted = IncomingMessage & { originalUrl?: string };

/**
 * An identity provider for the sandbox's console: OpenID Connect with PKCE as a real one does it, and
 * people who sign in by pressing a button.
 */
export async function peopleRoutes(
  server: FastifyInstance,
  settings: PeopleSettings,
): Promise<void> {
  const provider = new Provider(settings.issuer, await configurationOf(settings));
  const serve = provider.callback();

  server.get(`${PEOPLE_PATH}/people.css`, (_, reply) => reply.type('text/css').send(STYLE));
  server.get<{ Params: { uid: string } }>(
    `${PEOPLE_PATH}/interaction/:uid`,
    async (request, reply) => {
      const { uid } = await provider.interactionDetails(request.raw, reply.raw);
      return reply
        .headers({ 'content-security-policy': POLICY, 'cache-control': 'no-store' })
        .type('text/html; charset=utf-8')
        .send(page(uid));
    },
  );
  server.post(`${PEOPLE_PATH}/interaction/:uid`, async (request, reply) => {
    const form = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
    const accountId = new URLSearchParams(form).get('person') ?? '';
    const result = { login: { accountId, amr: ['mfa'] } };
    const to = await provider.interactionResult(request.raw, reply.raw, result);
    return reply.redirect(to, 303);
  });
  // Everything else below it is the provider's own, which reads the body itself.
  void server.register(async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.hijack();
      const raw: Mounted = request.raw;
      raw.originalUrl = raw.url ?? '/';
      raw.url = raw.originalUrl.slice(PEOPLE_PATH.length);
      await serve(raw, reply.raw);
    });
    app.all(`${PEOPLE_PATH}/*`, () => undefined);
  });
}
