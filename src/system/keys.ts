import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newId, systemRandomness } from './randomness.ts';

/** A signing key: of access tokens, or of the ledger's checkpoints. */
export interface Ed25519Key {
  readonly keyId: string;
  /** PKCS#8. */
  readonly privatePem: string;
  /** SPKI. */
  readonly publicPem: string;
}

/** The part that may be given away. */
export type PublicKey = Pick<Ed25519Key, 'keyId' | 'publicPem'>;

/** 64 bits are plenty to tell the few keys of an installation apart. */
const KEY_ID_LETTERS = 16;

/** 64 bytes (RFC 8032 §5.1.6) in base64url without padding. */
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;

/**
 * The key of a file, which is made with its directory where there is none: file 0600, directory
 * 0700, PKCS#8 PEM. Processes that start at the same time agree on one key.
 *
 * @throws Error that says what to do, where others can read the file or it holds no Ed25519 key.
 */
export async function loadOrCreateEd25519(path: string): Promise<Ed25519Key> {
  const stored = await readPrivate(path);
  if (stored !== null) return keyOf(stored, path);
  await createOnce(path, generatePem());
  const created = await readPrivate(path);
  if (created === null) throw new Error(`${path} was removed while it was being made; start again`);
  return keyOf(created, path);
}

/** 16 letters of the SHA-256 of the public key: an id that holds no digit. */
export function keyIdOf(publicPem: string): string {
  const der = ed25519(createPublicKey(publicPem)).export({ type: 'spki', format: 'der' });
  const hex = createHash('sha256').update(der).digest('hex').slice(0, KEY_ID_LETTERS);
  return hex.replaceAll(/./g, (digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)] ?? '');
}

/** @throws Error where it is no private Ed25519 key; the message does not repeat it. */
export function publicPemOf(privatePem: string): string {
  const key = ed25519(createPublicKey(createPrivateKey(privatePem)));
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** Ed25519 over the UTF-8 bytes of `text`, base64url. */
export function signText(privatePem: string, text: string): string {
  const key = ed25519(createPrivateKey(privatePem));
  return sign(null, Buffer.from(text, 'utf8'), key).toString('base64url');
}

/** True when {@link signText} made `signature` with the key that belongs to this one. */
export function verifyText(publicPem: string, text: string, signature: string): boolean {
  if (!SIGNATURE.test(signature)) return false;
  const key = ed25519(createPublicKey(publicPem));
  return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64url'));
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('this is no Ed25519 key');
  return key;
}

function generatePem(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function keyOf(privatePem: string, path: string): Ed25519Key {
  try {
    const publicPem = publicPemOf(privatePem);
    return { keyId: keyIdOf(publicPem), privatePem, publicPem };
  } catch {
    // Without the cause: OpenSSL's message may repeat parts of the file.
    throw new Error(
      `${path} holds no Ed25519 key in PKCS#8 PEM; put the right one there, or remove the file ` +
        'and a new key will be made',
    );
  }
}

/**
 * The bits that nobody but the owner may have. A file of root's that this user reads by its group is
 * how an orchestrator hands a secret to a process that is not root (Kubernetes' `fsGroup`); PostgreSQL
 * takes the same for its key (documentation, "Secure TCP/IP Connections with SSL", Basic Setup).
 */
function sharedBits(ownerUid: number): number {
  const byRoot = ownerUid === 0 && process.geteuid?.() !== 0;
  return byRoot ? 0o037 : 0o077;
}

/** The text of a file that only its owner can read; `null` where there is none. */
async function readPrivate(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { mode: bits, uid } = await file.stat();
    const mode = bits & 0o777;
    if ((mode & sharedBits(uid)) !== 0) {
      throw new Error(
        `${path} can be read or changed by others (mode ${mode.toString(8)}): run ` +
          `"chmod 600 ${path}", or remove it where somebody may have copied it`,
      );
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Writes a whole file or none, on the disk before it has its name. A file that is there already
 * stays: `link` does not replace, as `rename` would.
 */
async function createOnce(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${newId('new', systemRandomness)}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await unlink(draft).catch(() => {});
  }
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
