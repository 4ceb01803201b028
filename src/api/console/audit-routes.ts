import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Asking, Desk } from '../../bridge/desk/desk.ts';
import type { AuditQuestion, VerifyLine } from '../../contract/audit-view.ts';
import { Fault } from '../../payment/fault.ts';
import type { Log } from '../../system/log.ts';
import { SECURITY_HEADERS } from '../problem.ts';
import { openReader } from '../validation.ts';
import type { Guard } from './guard.ts';
import { PRINT_HEADERS, printPage } from './print-page.ts';
import { AnyId, askingOf, CLOSED, Moment } from './serving.ts';

const time = { from: Type.Optional(Moment), to: Type.Optional(Moment) };

const Question = Type.Object({ id: Type.Optional(AnyId), ...time }, CLOSED);
const Order = Type.Object(time, CLOSED);

export interface AuditRouteMeans {
  readonly desk: Desk;
  readonly log: Log;
  /** Address of this bridge, for the evidence. */
  readonly source: string;
}

/** After how long somebody may verify who came while another verification was running, seconds. */
const BUSY_S = 10;

/** Letters of the id, so that files of different questions have different names. */
function fileName({ id }: AuditQuestion): string {
  const safe = (id ?? 'time').replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 40);
  return `evidence-${safe}.json`;
}

function serveAnswers(app: FastifyInstance, guard: Guard, { desk, source }: AuditRouteMeans): void {
  const read = openReader(Question, 'query');
  /** A question of somebody who may ask it. */
  const ask = <T>(
    path: string,
    answer: (question: AuditQuestion, asking: Asking, reply: FastifyReply) => Promise<T>,
  ): void => {
    app.get(`/console/api/audit/${path}`, async (request, reply) => {
      const person = await guard.admit(request, 'audit');
      return answer(read(request.query), askingOf(request, person), reply);
    });
  };
  ask('find', (question, asking) => desk.findAudit(asking, question));
  ask('evidence', async (question, asking, reply) => {
    const text = await desk.exportAudit(asking, question, source);
    return reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="${fileName(question)}"`)
      .send(text);
  });
  ask('print', async (question, asking, reply) => {
    const view = await desk.printAudit(asking, question);
    return reply.headers(PRINT_HEADERS).send(printPage(view, source));
  });
}

/** The lines of one verification, as they come. */
async function runVerification(
  reply: FastifyReply,
  { log }: AuditRouteMeans,
  run: (tell: (line: VerifyLine) => boolean) => Promise<void>,
): Promise<void> {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'application/x-ndjson',
    // Proxies that hold answers back would hold the progress back (nginx, X-Accel-Buffering).
    'x-accel-buffering': 'no',
  });
  const tell = (line: VerifyLine): boolean => {
    if (!raw.destroyed) raw.write(`${JSON.stringify(line)}\n`);
    return !raw.destroyed;
  };
  try {
    await run(tell);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    log.alarm('console.verification_failed', { error: name });
    const sentence =
      error instanceof Fault ? error.message : 'It broke off before its end; verify again.';
    tell({ kind: 'broken_off', sentence });
  }
  raw.end();
}

/** One at a time: it reads the whole ledger, and callers come first. */
function serveVerification(app: FastifyInstance, guard: Guard, means: AuditRouteMeans): void {
  const read = openReader(Order, 'body');
  let running = false;
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.post('/console/api/audit/verify', async (request, reply) => {
    const person = await guard.admit(request, 'audit');
    const order = read(request.body);
    if (running) {
      throw new Fault('too_many_requests', 'The ledger is being verified already.', BUSY_S);
    }
    running = true;
    try {
      await runVerification(reply, means, (tell) =>
        means.desk.verifyAudit(askingOf(request, person), order, (line) => tell(line) && !closing),
      );
    } finally {
      running = false;
    }
  });
}

/** What the page Audit asks for. */
export function serveAudit(app: FastifyInstance, guard: Guard, means: AuditRouteMeans): void {
  serveAnswers(app, guard, means);
  serveVerification(app, guard, means);
}
