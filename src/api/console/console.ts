import type { FastifyInstance } from 'fastify';
import type { Desk } from '../../bridge/desk/desk.ts';
import { actorOf, type SignedIn } from '../../bridge/desk/staff.ts';
import type { Me } from '../../contract/staff.ts';
import { Fault } from '../../payment/fault.ts';
import type { Clock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import type { Randomness } from '../../system/randomness.ts';
import type { WebFetch } from '../../system/web-fetch.ts';
import { serveAudit } from './audit-routes.ts';
import { openCookieJar, openJourney, sealJourney, type CookieJar } from './cookies.ts';
import { openGuard, originOf, type Guard } from './guard.ts';
import { CALLBACK_PATH, openIdentity, type Identity } from './identity.ts';
import { servePages } from './pages.ts';
import { serveDesk } from './routes.ts';
import type { ConsoleSettings } from './settings.ts';

export interface ConsoleMeans {
  readonly desk: Desk;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly fetch: WebFetch;
  /** 32 bytes that all replicas share; encrypts what a browser keeps while it signs in. */
  readonly cookieKey: Uint8Array;
}

interface Parts {
  readonly settings: ConsoleSettings;
  readonly means: ConsoleMeans;
  readonly jar: CookieJar;
  readonly guard: Guard;
  readonly identity: Identity;
}

/** An address of the console; anything else could lead to another site. */
const OWN_PAGE = /^\/console(?:\/[A-Za-z0-9_/-]*)?(?:\?[A-Za-z0-9_=&.%-]*)?$/;
const HOME = '/console';

function meOf(person: SignedIn, { mode, version, signIn }: ConsoleSettings): Me {
  return {
    name: person.name,
    actor: actorOf(person, '').clientId,
    roles: person.roles,
    rights: person.rights,
    idle_ms: signIn.idleMs,
    ends_at: new Date(person.endsAtMs).toISOString(),
    mode,
    version,
  };
}

function serveSignIn(app: FastifyInstance, parts: Parts): void {
  const { settings, means, jar, identity } = parts;
  const { desk, clock, cookieKey } = means;

  app.get<{ Querystring: { to?: unknown } }>('/console/sign-in', async (request, reply) => {
    const { to } = request.query;
    const { url, journey } = await identity.begin(
      typeof to === 'string' && OWN_PAGE.test(to) ? to : HOME,
    );
    const { value, lifetimeS } = await sealJourney(journey, cookieKey, clock.now());
    return reply.header('set-cookie', jar.write('journey', value, lifetimeS)).redirect(url, 302);
  });

  app.get(CALLBACK_PATH, async (request, reply) => {
    const sealed = jar.read(request.headers.cookie, 'journey');
    const journey = await openJourney(sealed, cookieKey, clock.now());
    if (journey === null) throw new Fault('signed_out', 'That took too long; begin at /console.');
    const query = request.url.split('?')[1] ?? '';
    const person = await identity.finish(query, journey);
    const secret = await desk.signIn({ person, origin: originOf(request) });
    if (secret === null) {
      throw new Fault('missing_right', 'You have no role here: sign_in.roles names the groups.');
    }
    const sessionS = Math.floor(settings.signIn.sessionMsMax / 1_000);
    return reply
      .header('set-cookie', [jar.write('session', secret, sessionS), jar.write('journey', '', 0)])
      .redirect(OWN_PAGE.test(journey.to) ? journey.to : HOME, 303);
  });
}

function serveOwnSession(app: FastifyInstance, { settings, means, jar, guard }: Parts): void {
  app.get('/console/api/me', async (request) => meOf(await guard.recognise(request), settings));
  app.post('/console/api/sign-out', async (request, reply) => {
    const person = await guard.recognise(request);
    const secret = guard.secretOf(request);
    if (secret !== null) await means.desk.signOut(secret, { person, origin: originOf(request) });
    return reply
      .header('set-cookie', jar.write('session', '', 0))
      .code(204)
      .send();
  });
}

/** The console: its pages, signing in and out, and everything that the pages ask for. */
export function serveConsole(
  app: FastifyInstance,
  settings: ConsoleSettings,
  means: ConsoleMeans,
): void {
  const jar = openCookieJar(settings.publicOrigin.startsWith('https:'));
  const guard = openGuard(means.desk, jar, settings.publicOrigin);
  const identity = openIdentity(settings.signIn, settings.publicOrigin, means);
  const parts: Parts = { settings, means, jar, guard, identity };
  serveSignIn(app, parts);
  serveOwnSession(app, parts);
  serveDesk(app, guard, means);
  serveAudit(app, guard, { desk: means.desk, log: means.log, source: settings.publicOrigin });
  servePages(app, settings.pageFolder, means.randomness);
}
