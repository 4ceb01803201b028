import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { TSchema } from 'typebox';
import { CALLS, permissionsOf } from '../../src/genesys/calls.ts';
import * as lookModels from '../../src/genesys/look-models.ts';
import * as models from '../../src/genesys/models.ts';
import { openPlatform, type Platform } from '../../src/genesys/platform.ts';
import { modelOf } from '../doubles/genesys/description.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startGenesysDouble,
  type GenesysDouble,
} from '../doubles/genesys/double.ts';
import { HastyClock, patientWeb } from './hasty-clock.ts';
import { refusalOf } from './kept.ts';

let double: GenesysDouble;
let clock: HastyClock;
let platform: Platform;

function open(more: Partial<Parameters<typeof openPlatform>[0]> = {}): Platform {
  const { origin } = double;
  const settings = {
    apiUrl: origin,
    loginUrl: origin,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
  };
  return openPlatform({ ...settings, secrets: [CLIENT_SECRET], ...more }, clock, patientWeb());
}

beforeEach(async () => {
  double = await startGenesysDouble();
  clock = new HastyClock();
  platform = open();
});
afterEach(async () => {
  await platform.close();
  await double.close();
  assert.deepEqual(double.problems, []);
});

const addSkill = (name: string) => platform.send(CALLS.addSkill, { body: { name } });

test('what is read of an answer is a part of the type of the same name in the SDK', () => {
  let members = 0;
  const compare = (schema: TSchema, described: unknown, place: string): void => {
    const { type, properties, items, anyOf, patternProperties } = schema as unknown as SchemaNode;
    if (anyOf) {
      const [own] = anyOf.filter((one) => (one as unknown as SchemaNode).type !== 'null');
      return own === undefined ? undefined : compare(own, described, place);
    }
    const sdk = described as SchemaNode & { $ref?: string };
    if (type === undefined) return;
    const model =
      sdk.$ref === undefined ? sdk : (modelOf(sdk.$ref.split('/').at(-1) ?? '') as SchemaNode);
    assert.equal(type, model.type ?? type, place);
    if (items) compare(items, model.items, `${place}[]`);
    const inner = Object.values(patternProperties ?? {})[0];
    const mapped = (model as { additionalProperties?: unknown }).additionalProperties;
    if (inner) compare(inner, mapped ?? {}, `${place}.*`);
    for (const [name, member] of Object.entries(properties ?? {})) {
      members += 1;
      assert.ok(model.properties?.[name], `${place}.${name} is not in the SDK`);
      compare(member, model.properties[name], `${place}.${name}`);
    }
  };
  const all = [...Object.entries(models), ...Object.entries(lookModels)];
  for (const [name, schema] of all) compare(schema, modelOf(name), name);
  assert.ok(members > 80, `${members} members compared`);
});

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
  readonly anyOf?: readonly TSchema[];
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
}

test('one token serves many calls, and is renewed before it is over', async () => {
  double.tokenLifetimeS = 120;
  await addSkill('one');
  await addSkill('two');
  assert.equal(double.tokens.length, 1);
  // The last minute of a token is not used.
  await new Promise<void>((done) => void clock.after(61_000, done));
  await addSkill('three');
  assert.equal(double.tokens.length, 2);
});

test('a token that is no longer good is replaced once, and the call made again', async () => {
  await addSkill('one');
  double.revokeTokens();
  await addSkill('two');
  assert.equal(double.tokens.length, 2);
  assert.deepEqual(
    [...double.org.skills.values()].map(({ name }) => name),
    ['one', 'two'],
  );
  double.script({ at: 'write', times: 9, does: { kind: 'refuse', status: 401 } });
  const refusal = await refusalOf(addSkill('three'));
  assert.equal(refusal.answer?.status, 401);
  assert.match(refusal.message, /genesys\.client_id, genesys\.client_secret and genesys\.region/);
});

test('a wrong secret names the keys, and repeats no secret', async () => {
  const wrong = open({ clientSecret: 'quite-wrong' });
  const refusal = await refusalOf(wrong.send(CALLS.readOrganization));
  await wrong.close();
  assert.match(
    refusal.message,
    /sign in to Genesys Cloud.*401 invalid_client.*correlation-of-the-double/,
  );
  assert.match(refusal.message, /genesys\.client_id and genesys\.client_secret/);
  assert.doesNotMatch(refusal.message, /quite-wrong/);
});

test('a refusal says which call, status, code, correlation id and permission', async () => {
  double.permissions = new Set(['routing:skill:view']);
  const refusal = await refusalOf(
    platform.send(CALLS.addSkill, { body: { name: 'a' }, about: 'skill a' }),
  );
  assert.deepEqual(
    [refusal.call, refusal.answer?.status, refusal.answer?.code, refusal.answer?.correlationId],
    ['POST /api/v2/routing/skills', 403, 'missing.permissions', 'correlation-of-the-double'],
  );
  assert.deepEqual(refusal.permissions, ['routing:skill:create']);
  assert.match(refusal.message, /make a skill.*\(skill a\).*403 missing\.permissions/);
  assert.match(refusal.todo, /routing:skill:create.*Admin > Roles/);
});

test('what is there already, or changed meanwhile, is told apart from a right that is missing', async () => {
  await addSkill('one');
  const refusal = await refusalOf(addSkill('one'));
  assert.equal(refusal.answer?.status, 409);
  assert.match(
    refusal.message,
    /A skill named one exists already.*Run plan to see.*genesys\.prefix/,
  );
});

test('a message of Genesys that repeats a secret is shown without it', async () => {
  const message = `cannot use ${CLIENT_SECRET} here`;
  double.script({ at: 'write', does: { kind: 'refuse', status: 400, message } });
  const refusal = await refusalOf(addSkill('one'));
  assert.match(refusal.message, /cannot use … here/);
  assert.doesNotMatch(`${refusal.message}${JSON.stringify(refusal)}`, new RegExp(CLIENT_SECRET));
});

test('too many requests: it waits as long as Genesys asks, and not for ever', async () => {
  const busy = { kind: 'refuse', status: 429, retryAfterS: 7 } as const;
  double.script({ at: 'write', times: 2, does: busy });
  await addSkill('one');
  assert.deepEqual(clock.waitsMs, [7_000, 7_000]);
  double.script({ at: 'write', times: 1000, does: busy });
  const refusal = await refusalOf(addSkill('two'));
  assert.equal(refusal.answer?.status, 429);
  assert.ok(
    clock.waitsMs.length > 40 && clock.waitsMs.length < 50,
    `${clock.waitsMs.length} waits`,
  );
});

test('a reading is asked again, a change never by itself', async () => {
  double.script({ at: 'GET /api/v2/routing/skills', times: 2, does: { kind: 'cut_before' } });
  assert.deepEqual(await platform.all(CALLS.listSkills), []);
  double.script({
    at: 'GET /api/v2/routing/skills',
    times: 3,
    does: { kind: 'refuse', status: 503 },
  });
  assert.equal((await refusalOf(platform.all(CALLS.listSkills))).answer?.status, 503);
  double.script({ at: 'write', does: { kind: 'cut_after' } });
  const refusal = await refusalOf(addSkill('one'));
  assert.equal(refusal.answer, null);
  assert.match(refusal.message, /not known\. Run it again/);
  assert.equal(double.writes().length, 1);
  assert.equal(double.org.skills.size, 1);
});

test('every page is read, by number and by the address of the next one', async () => {
  double.org.pageSizeMax = 3;
  for (let at = 0; at < 10; at += 1) await addSkill(`skill ${at}`);
  for (let at = 0; at < 7; at += 1) {
    double.org.credentials.set(String(at), {
      id: String(at),
      name: `c${at}`,
      type: { name: 'basic' },
    });
  }
  assert.equal((await platform.all(CALLS.listSkills)).length, 10);
  assert.equal((await platform.all(CALLS.listCredentials)).length, 7);
});

test('an answer that is not the published one is no answer', async () => {
  double.org.skills.set('a', { id: 'a', name: 7 as never });
  const refusal = await refusalOf(platform.all(CALLS.listSkills));
  assert.match(refusal.message, /not what the published API describes/);
  double.problems.splice(0);
});

test('the double refuses what the SDK does not know', async () => {
  const body = { name: 'a', nonsense: true };
  const refusal = await refusalOf(platform.send(CALLS.addSkill, { body }));
  assert.equal(refusal.answer?.status, 400);
  assert.deepEqual(double.problems.splice(0), [
    'POST /api/v2/routing/skills body.nonsense: must NOT have additional properties',
  ]);
});

test('an address that is over, and one with another signature', async () => {
  const job = await platform.send(CALLS.addFlowJob, {});
  double.mood.expired = 1;
  assert.deepEqual(await platform.upload(job.presignedUrl, job.headers ?? {}, 'x'), {
    kind: 'expired',
  });
  assert.deepEqual(await platform.upload(job.presignedUrl, {}, 'x'), { kind: 'expired' });
  const taken = await platform.upload(
    job.presignedUrl,
    { ...job.headers, Host: 'x' },
    'workflow: {}',
  );
  assert.deepEqual(taken, { kind: 'taken' });
});

test('reading wants no permission that writes', () => {
  const read = permissionsOf('read');
  assert.ok(read.includes('architect:flow:view') && read.includes('routing:callRoute:view'));
  for (const permission of read) {
    // Validating a draft is a GET that wants the right to edit.
    if (permission !== 'integrations:action:edit') assert.match(permission, /:view$/);
  }
  assert.ok(permissionsOf('write').includes('architect:job:create'));
});
