import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TObject } from 'typebox';
import type { Actor, AnswerText, Keyed } from '../bridge/bridge.ts';
import type { Verbs } from '../bridge/verbs.ts';
import { ROUTES, type Route } from '../contract/routes.ts';
import type { Body } from '../contract/schemas.ts';
import type { CaptureMode } from '../payment/capture.ts';
import { Fault } from '../payment/fault.ts';
import { requireScope, type BearerMeans } from './bearer.ts';
import { refuseCardNumber } from './json-body.ts';
import { noteInteraction, peerOf } from './listener.ts';
import { sendText } from './problem.ts';
import { openReader, requestHash, typedQuery } from './validation.ts';

/** Fastify's spelling of an OpenAPI path. */
export function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function actorOf(request: FastifyRequest): Actor {
  const clientId = request.facts?.clientId;
  if (clientId === undefined || clientId === null) throw new Error('the route has no client');
  return { clientId, origin: `api ${peerOf(request)}` };
}

/** 1 to 255 printable characters; a data action sends an empty one where the flow binds none. */
const KEY = /^[ -~]{1,255}$/;

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '') return null;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new Fault('bad_request', 'Idempotency-Key has 1 to 255 printable ASCII characters.');
  }
  refuseCardNumber(key, null);
  return key;
}

/** Reads the one id in a path; an id of another shape names nothing. */
function openPathId(schema: TObject | null): (request: FastifyRequest) => string {
  if (schema === null) return () => '';
  const [name = ''] = Object.keys(schema.properties);
  const read = openReader(schema, 'path');
  return (request) => {
    try {
      return String(Reflect.get(read(request.params), name));
    } catch {
      throw new Fault('unknown_resource', 'No id looks like this.');
    }
  };
}

/** What is asked for is kept: the ledger tells who looked for what. */
function refuseCardInQuery(query: object): void {
  for (const value of Object.values(query)) {
    if (typeof value === 'string') refuseCardNumber(value, null);
  }
}

/** Where the guide's payloads carry the interaction. */
function interactionIn(body: object): unknown {
  const metadata: unknown = Reflect.get(body, 'metadata');
  if (typeof metadata !== 'object' || metadata === null) return Reflect.get(body, 'interaction_id');
  return Reflect.get(metadata, 'interaction_id') ?? Reflect.get(metadata, 'ivr_session_id');
}

type WithBody<S extends TObject> = Omit<Route, 'request'> & { readonly request: S };
type WithQuery<S extends TObject> = Omit<Route, 'query'> & { readonly query: S };

/** Registers routes of the table with what they ask of the bridge. */
interface Serving {
  /** A route with a body. `pathId` is empty where the path has none. */
  take<S extends TObject>(
    route: WithBody<S>,
    run: (ask: Keyed<Body<S>>, pathId: string) => Promise<AnswerText>,
  ): void;
  /** A route without one. */
  show(route: Route, run: (actor: Actor, pathId: string) => Promise<AnswerText>): void;
  /** A route with a query. */
  find<S extends TObject>(
    route: WithQuery<S>,
    run: (actor: Actor, query: Body<S>) => Promise<AnswerText>,
  ): void;
}

function openServing(app: FastifyInstance, bearer: BearerMeans, capture: CaptureMode): Serving {
  const serve = (
    route: Pick<Route, 'method' | 'path' | 'scope' | 'capture'>,
    run: (request: FastifyRequest) => Promise<AnswerText>,
  ): void => {
    const { scope } = route;
    const elsewhere = route.capture !== null && route.capture !== capture;
    if (scope === null) throw new Error(`${route.path} is open and cannot be served here`);
    app.route({
      method: route.method,
      url: fastifyPath(route.path),
      onRequest: async (request) => requireScope(bearer, request, scope),
      handler: async (request, reply) => {
        if (elsewhere) throw new Fault('unknown_route', `It is for capture: ${route.capture}.`);
        sendText(reply, await run(request));
        return reply;
      },
    });
  };
  return {
    take(route, run) {
      const read = openReader(route.request, 'body');
      const pathIdOf = openPathId(route.params);
      serve(route, async (request) => {
        const pathId = pathIdOf(request);
        const body = read(request.body);
        noteInteraction(request, interactionIn(body));
        const bodyHash = requestHash(`${route.method} ${route.path}`, pathId, body);
        const ask = { actor: actorOf(request), key: keyOf(request), bodyHash, request: body };
        return run(ask, pathId);
      });
    },
    show(route, run) {
      const pathIdOf = openPathId(route.params);
      serve(route, async (request) => run(actorOf(request), pathIdOf(request)));
    },
    find(route, run) {
      const read = openReader(route.query, 'query');
      serve(route, async (request) => {
        const query = read(typedQuery(route.query, request.query));
        refuseCardInQuery(query);
        return run(actorOf(request), query);
      });
    },
  };
}

/** Every route that needs an access token. */
export function serveVerbs(
  app: FastifyInstance,
  verbs: Verbs,
  bearer: BearerMeans,
  capture: CaptureMode,
): void {
  const serving = openServing(app, bearer, capture);
  serving.take(ROUTES.availability, (ask) => verbs.availability(ask));
  serving.take(ROUTES.lookup, (ask) => verbs.lookup(ask));
  serving.take(ROUTES.plans, (ask) => verbs.plans(ask));
  serving.take(ROUTES.disclose, (ask) => verbs.disclose(ask));
  serving.take(ROUTES.consent, (ask) => verbs.consent(ask));
  serving.take(ROUTES.create_link, (ask) => verbs.createLink(ask));
  serving.take(ROUTES.read_link, (ask, id) => verbs.readLink(id, ask));
  serving.take(ROUTES.cancel_link, (ask, id) => verbs.cancelLink(id, ask));
  serving.take(ROUTES.begin_card, (ask) => verbs.beginCard(ask));
  serving.take(ROUTES.finish_card, (ask, id) => verbs.finishCard(id, ask));
  serving.take(ROUTES.subscribe, (ask) => verbs.subscribe(ask));
  serving.show(ROUTES.read_subscription, (actor, id) => verbs.readSubscription(actor, id));
  serving.take(ROUTES.cancel, (ask, id) => verbs.changeSubscription('cancel', id, ask));
  serving.take(ROUTES.pause, (ask, id) => verbs.changeSubscription('pause', id, ask));
  serving.take(ROUTES.resume, (ask, id) => verbs.changeSubscription('resume', id, ask));
  serving.take(ROUTES.change_plan, (ask, id) => verbs.changeSubscription('change_plan', id, ask));
  serving.take(ROUTES.change_card, (ask, id) => verbs.changeSubscription('change_card', id, ask));
  serving.show(ROUTES.read_operation, (actor, id) => verbs.readOperation(actor, id));
  serving.take(ROUTES.hand_off, (ask) => verbs.handOff(ask));
  serving.show(ROUTES.read_switch, (actor) => verbs.readSwitch(actor));
  serving.take(ROUTES.set_switch, (ask) => verbs.setSwitch(ask));
  serving.find(ROUTES.audit, (actor, query) => verbs.audit(actor, query));
}

function plainHeaders(request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return headers;
}

/**
 * `POST /v1/webhooks/{gateway}`: the gateway's bytes as they came, whatever it calls them, because
 * its signature is over the bytes.
 */
export function serveWebhooks(parent: FastifyInstance, verbs: Verbs, bytesMax: number): void {
  const pathIdOf = openPathId(ROUTES.webhook.params);
  void parent.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'buffer' },
      async (_: FastifyRequest, body: Buffer) => body,
    );
    app.route({
      method: ROUTES.webhook.method,
      url: fastifyPath(ROUTES.webhook.path),
      bodyLimit: bytesMax,
      handler: async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        await verbs.gatewayEvent(pathIdOf(request), plainHeaders(request), body);
        return reply.code(204).send();
      },
    });
  });
}
