import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SubscriptionVerb } from '../payment/subscription.ts';
import type { Bearers } from './bearers.ts';
import { canonicalJson } from '../payment/fingerprint.ts';
import {
  change,
  charge,
  declined,
  subscribe,
  subscriptionBody,
  tokenize,
  verify,
} from './gateway.ts';
import type { Wanted, World } from './gateway.ts';
import type { Answer } from './ledger.ts';
import type { Asked, Operations } from './operations.ts';
import { closePage, openPage, pageBody } from './pages.ts';
import { invalidRequest, notFound, Refusal } from './refusal.ts';
import {
  ChangeCardRequest,
  ChangePlanRequest,
  ChargeRequest,
  jsonOf,
  PageRequest,
  PlainRequest,
  readBody,
  refuseMisplacedPan,
  requestHash,
  SubscriptionRequest,
  TokenRequest,
  tracesOf,
} from './requests.ts';
import type { SandboxOperation, Script } from './script.ts';
import type { Act, Stage } from './stage.ts';

export interface Parts {
  readonly world: World;
  readonly operations: Operations;
  readonly bearers: Bearers;
  readonly script: Script;
  readonly stage: Stage;
}

/** Visible ASCII, at most 255 of it: what Stripe takes as a key. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The body as it came; every route parses for itself, so that signatures see the raw bytes. */
export function rawBody(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A name in the path of a request. */
export function param(request: FastifyRequest, name: string): string {
  const { params } = request;
  if (typeof params !== 'object' || params === null) return '';
  return String(Object.fromEntries(Object.entries(params))[name] ?? '');
}

/** A request without effect: everything is its answer. */
export function readingAct(answer: () => Answer): Act {
  return {
    take: (word) => (word === null ? answer() : declined(word, '')),
    postpone: () => ({ status: 202, body: { status: 'pending' } }),
    takeLater: () => undefined,
    hide: () => undefined,
    hold: () => () => undefined,
  };
}

function keyedAct(operations: Operations, asked: Asked): Act {
  return {
    take: (word) => operations.take(asked, word),
    postpone: (ms, word) => operations.postpone(asked, ms, word),
    takeLater: (ms) => operations.takeLater(asked, ms),
    hide: (ms) => operations.hide(asked, ms),
    hold: () => operations.hold(asked),
  };
}

type ReadAsked = (request: FastifyRequest, key: string, document: unknown) => Omit<Asked, Given>;
type Given = 'idempotencyKey' | 'requestHash' | 'wholeText' | 'kind';

/** How the gateway's routes are hung up: what comes before each of them is the same. */
interface Doors {
  /** A request with a key. */
  readonly keyed: (path: string, kind: SandboxOperation, read: ReadAsked) => void;
  /** A request without effect, about the `:id` of its path. */
  readonly reading: (path: string, kind: SandboxOperation, answer: (id: string) => Answer) => void;
}

/**
 * Credentials and the request itself are checked before the script is looked at, so that a request
 * for nothing does not use an entry up.
 */
function doorsOf(server: FastifyInstance, parts: Parts): Doors {
  const { operations, bearers, script, stage } = parts;
  const authenticate = (request: FastifyRequest): void =>
    bearers.check(headerOf(request, 'authorization'), headerOf(request, 'x-api-key'));
  return {
    keyed(path, kind, read) {
      server.post(path, (request: FastifyRequest, reply: FastifyReply) => {
        authenticate(request);
        const idempotencyKey = headerOf(request, 'idempotency-key') ?? '';
        if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
          throw invalidRequest('Idempotency-Key is missing or is not 1 to 255 visible characters');
        }
        const document = jsonOf(rawBody(request));
        const asked: Asked = {
          ...read(request, idempotencyKey, document),
          kind,
          idempotencyKey,
          requestHash: requestHash(request.url, document),
          wholeText: `${request.url} ${canonicalJson(document)}`,
        };
        return stage.play(
          reply,
          script.take(kind, asked.interactionId),
          keyedAct(operations, asked),
        );
      });
    },
    reading(path, kind, answer) {
      server.get(path, (request: FastifyRequest, reply: FastifyReply) => {
        authenticate(request);
        const id = param(request, 'id');
        return stage.play(
          reply,
          script.take(kind),
          readingAct(() => answer(id)),
        );
      });
    },
  };
}

/** The gateway: bearers, tokens, subscriptions, and what became of a request. */
export function gatewayRoutes(server: FastifyInstance, parts: Parts): void {
  const { world, operations, bearers, script, stage } = parts;
  const doors = doorsOf(server, parts);
  tokenRoutes(doors, world);
  pageApi(doors, world);
  if (world.subscriptions) subscriptionRoutes(doors, world);
  doors.keyed('/v1/charges', 'charge', (_, __, document) => {
    const body = readBody(ChargeRequest, document);
    return { ...tracesOf(body), decide: (origin, word) => charge(world, body, origin, word) };
  });
  doors.reading('/v1/operations/:id', 'lookup', (key) => {
    const operation = operations.find(key);
    if (!operation) throw notFound('operation');
    const { idempotency_key, kind, status_code, body } = operation;
    return { status: 200, body: { idempotency_key, kind, status_code, body } };
  });
  server.post('/oauth/token', (request: FastifyRequest, reply: FastifyReply) => {
    const form = formOf(request);
    const grant = (): Answer => bearers.grant(headerOf(request, 'authorization'), form);
    return stage.play(reply, script.take('oauth'), readingAct(grant));
  });
}

function tokenRoutes({ keyed }: Doors, world: World): void {
  keyed('/v1/tokens', 'tokenize', (_, key, document) => {
    const body = readBody(TokenRequest, document);
    refuseMisplacedPan(body, key);
    return { ...tracesOf(body), decide: (origin, word) => tokenize(world, body, origin, word) };
  });
  keyed('/v1/tokens/:id/verify', 'verify', (request, _, document) => {
    const tokenId = param(request, 'id');
    const body = readBody(PlainRequest, document);
    return { ...tracesOf(body), decide: (origin, word) => verify(world, tokenId, origin, word) };
  });
}

function pageApi({ keyed, reading }: Doors, world: World): void {
  keyed('/v1/pages', 'open-page', (request, _, document) => {
    const body = readBody(PageRequest, document);
    const site = `${request.protocol}://${request.host}`;
    return {
      ...tracesOf(body),
      decide: (origin, word) => openPage(world, body, site, origin, word),
    };
  });
  keyed('/v1/pages/:id/close', 'close-page', (request, _, document) => {
    const pageId = param(request, 'id');
    const body = readBody(PlainRequest, document);
    return { ...tracesOf(body), decide: (origin, word) => closePage(world, pageId, origin, word) };
  });
  reading('/v1/pages/:id', 'read-page', (id) => {
    const page = world.ledger.page(id);
    if (!page) throw notFound('page');
    return { status: 200, body: pageBody(world, page) };
  });
}

function subscriptionRoutes({ keyed, reading }: Doors, world: World): void {
  keyed('/v1/subscriptions', 'subscribe', (_, __, document) => {
    const body = readBody(SubscriptionRequest, document);
    return { ...tracesOf(body), decide: (origin, word) => subscribe(world, body, origin, word) };
  });
  reading('/v1/subscriptions/:id', 'read', (id) => {
    const subscription = world.ledger.subscription(id);
    if (!subscription) throw notFound('subscription');
    return { status: 200, body: subscriptionBody(subscription) };
  });
  const changing =
    (verb: SubscriptionVerb, wantedOf: (document: unknown) => Wanted): ReadAsked =>
    (request, _, document) => {
      const id = param(request, 'id');
      const wanted = wantedOf(document);
      return {
        ...tracesOf(readBody(PlainRequest, document)),
        decide: (origin, word) => change(world, id, verb, wanted, origin, word),
      };
    };
  for (const verb of ['cancel', 'pause', 'resume'] as const) {
    const nothingMore = changing(verb, () => ({}));
    keyed(`/v1/subscriptions/:id/${verb}`, verb, nothingMore);
  }
  const withPlan = changing('change_plan', (document) => ({
    plan: readBody(ChangePlanRequest, document),
  }));
  keyed('/v1/subscriptions/:id/change-plan', 'change-plan', withPlan);
  const withCard = changing('change_card', (document) => ({
    card: readBody(ChangeCardRequest, document),
  }));
  keyed('/v1/subscriptions/:id/change-card', 'change-card', withCard);
}

/** Form-encoded as RFC 6749 has it, or JSON. */
function formOf(request: FastifyRequest): Record<string, unknown> {
  const body = rawBody(request);
  if (headerOf(request, 'content-type')?.startsWith('application/json')) {
    const document = jsonOf(body);
    if (typeof document !== 'object' || document === null) {
      throw new Refusal(400, 'Invalid_Request', 'the body is no JSON object');
    }
    return Object.fromEntries(Object.entries(document));
  }
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}
