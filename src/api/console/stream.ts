import type { FastifyInstance } from 'fastify';
import type { Static, TObject } from 'typebox';
import type { Right } from '../../contract/staff.ts';
import { Fault } from '../../payment/fault.ts';
import { Stream, type StreamMeans } from '../stream.ts';
import { openReader, typedQuery } from '../validation.ts';
import type { Guard } from './guard.ts';

export interface StreamOptions<S extends TObject> {
  /** Below `/console/api/`. */
  readonly path: string;
  readonly right: Right;
  /** What is watched. */
  readonly query: S;
  /** What all who watch the same see: asked once for all of them. */
  readonly look: (query: Static<S>) => Promise<object>;
}

/** Whoever watches a path from more pages than this has forgotten some of them. */
const WATCHERS_MAX = 64;

/** A stream that says nothing about a person being there: it ends with their session. */
export function openStream<S extends TObject>(
  app: FastifyInstance,
  guard: Guard,
  means: StreamMeans,
  { path, right, query, look }: StreamOptions<S>,
): void {
  const stream = new Stream<Static<S>>(means, look, WATCHERS_MAX);
  const read = openReader(query, 'query');
  app.get(`/console/api/${path}`, async (request, reply) => {
    await guard.admit(request, right);
    const asked = read(typedQuery(query, request.query));
    stream.assertRoom();
    // What is not there is told at once; a database that is away comes back, and the stream waits.
    await look(asked).catch((error: unknown) => {
      if (error instanceof Fault) throw error;
    });
    await stream.send(reply, asked, () => guard.admit(request, right, false));
  });
  app.addHook('preClose', async () => stream.close());
}
