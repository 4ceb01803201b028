import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { keyIdOf, loadOrCreateEd25519, signText, verifyText } from '../../src/system/keys.ts';

async function scratch(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'keys-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** A user and a group that own nothing (Debian's base-passwd). */
const NOBODY = 65_534;

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

test('a key is made once, for its owner only, and found again', async (t) => {
  const directory = join(await scratch(t), 'deep', 'keys');
  const path = join(directory, 'ledger.pem');
  const made = await loadOrCreateEd25519(path);
  assert.deepEqual(await loadOrCreateEd25519(path), made);
  assert.equal(await modeOf(path), '600');
  assert.equal(await modeOf(directory), '700');
  assert.deepEqual(await readdir(directory), ['ledger.pem']);
  assert.match(await readFile(path, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/);
  assert.match(made.publicPem, /^-----BEGIN PUBLIC KEY-----\n/);
});

test('processes that start at the same time agree on one key', async (t) => {
  const directory = await scratch(t);
  const path = join(directory, 'key.pem');
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateEd25519(path)));
  assert.equal(new Set(keys.map(({ keyId }) => keyId)).size, 1);
  assert.deepEqual(await readdir(directory), ['key.pem']);
});

test('a key that others can read is refused, saying what to do', async (t) => {
  const path = join(await scratch(t), 'key.pem');
  const made = await loadOrCreateEd25519(path);
  for (const mode of [0o640, 0o604, 0o620]) {
    await chmod(path, mode);
    await assert.rejects(loadOrCreateEd25519(path), new RegExp(`chmod 600 ${path}`));
  }
  await chmod(path, 0o400);
  assert.deepEqual(await loadOrCreateEd25519(path), made);
});

test('a key of root’s may be read by the group that an orchestrator gave us, and by nobody else', async (t) => {
  const path = join(await scratch(t), 'key.pem');
  const made = await loadOrCreateEd25519(path);
  if (process.geteuid?.() !== 0) return t.skip('only root can hand a file to somebody else');
  // As Kubernetes mounts a secret: owned by root, with the group of the pod.
  await chown(path, 0, NOBODY);
  await chmod(join(path, '..'), 0o755);
  await chmod(path, 0o440);
  await assert.rejects(loadOrCreateEd25519(path), /chmod 600/, 'root itself needs no group');
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    assert.equal((await loadOrCreateEd25519(path)).keyId, made.keyId);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
  for (const mode of [0o460, 0o444]) {
    await chmod(path, mode);
    process.setegid?.(NOBODY);
    process.seteuid?.(NOBODY);
    const loading = loadOrCreateEd25519(path);
    await assert.rejects(loading, /can be read or changed by others/).finally(() => {
      process.seteuid?.(0);
      process.setegid?.(0);
    });
  }
});

test('a file that holds something else is refused and neither repeated nor replaced', async (t) => {
  const path = join(await scratch(t), 'key.pem');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  for (const text of [
    '',
    'secret words',
    rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ]) {
    await writeFile(path, text, { mode: 0o600 });
    await assert.rejects(loadOrCreateEd25519(path), (error: Error) => {
      assert.match(error.message, /no Ed25519 key.*remove the file/);
      assert.doesNotMatch(error.message, /secret words/);
      return true;
    });
    assert.equal(await readFile(path, 'utf8'), text);
  }
});

test('a signature is good for its text and key only', async (t) => {
  const directory = await scratch(t);
  const [one, other] = [
    await loadOrCreateEd25519(join(directory, 'one.pem')),
    await loadOrCreateEd25519(join(directory, 'other.pem')),
  ];
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, noise) => {
      const signature = signText(one.privatePem, text);
      assert.match(signature, /^[A-Za-z0-9_-]{86}$/);
      assert.equal(verifyText(one.publicPem, text, signature), true);
      assert.equal(verifyText(other.publicPem, text, signature), false);
      assert.equal(verifyText(one.publicPem, `${text}.`, signature), false);
      assert.equal(verifyText(one.publicPem, text, noise), false);
      assert.equal(verifyText(one.publicPem, text, `${signature}=`), false);
    }),
    { numRuns: 50 },
  );
});

test('the id of a key has 16 letters, follows the public key and holds no digit', async (t) => {
  const directory = await scratch(t);
  const ids = new Set<string>();
  for (const name of ['a', 'b', 'c', 'd']) {
    const { keyId, publicPem } = await loadOrCreateEd25519(join(directory, name));
    assert.match(keyId, /^[a-p]{16}$/);
    assert.equal(keyId, keyIdOf(publicPem));
    ids.add(keyId);
  }
  assert.equal(ids.size, 4);
});

test('the id of a published key is known', () => {
  // The public key of RFC 8410 §10.1.
  const pem =
    '-----BEGIN PUBLIC KEY-----\n' +
    'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n' +
    '-----END PUBLIC KEY-----\n';
  assert.equal(keyIdOf(pem), 'kbojbfgafeoaepkm');
});
