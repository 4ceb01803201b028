import { readFileSync } from 'node:fs';
import { membersOf, parsed, textOf } from '../json.ts';
import type { AwsKeys } from './sign-aws.ts';

/** How the requests are signed. Plain data: it is sent to the processes as JSON. */
export interface AwsSigning {
  readonly kind: 'aws_sigv4';
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string | null;
  readonly secretAccessKey: string | null;
  readonly sessionToken: string | null;
  /**
   * In place of the keys: a file that somebody else keeps fresh, with what
   * `aws configure export-credentials --format process` prints.
   */
  readonly credentialsFile: string | null;
}

/** The keys as they are now. */
export interface AwsKeyRing {
  /** `null` while there are none: the file is missing or cannot be read. */
  current(): AwsKeys | null;
  /** Reads the file again; `false` where there is none, or it still says the same. */
  renew(): boolean;
}

/** A key is replaced this long before its end, so that no request is signed with a dead one. */
const FRESH_MS = 300_000;

/** @param now wall clock. */
export function openAwsKeys(signing: AwsSigning, now: () => number): AwsKeyRing {
  const { accessKeyId, secretAccessKey, sessionToken, credentialsFile } = signing;
  if (credentialsFile === null) {
    const keys =
      accessKeyId === null || secretAccessKey === null
        ? null
        : { accessKeyId, secretAccessKey, sessionToken };
    return { current: () => keys, renew: () => false };
  }
  let read = readKeys(credentialsFile);
  const reread = (): boolean => {
    const before = read?.keys.accessKeyId;
    read = readKeys(credentialsFile) ?? read;
    return read !== null && read.keys.accessKeyId !== before;
  };
  return {
    current() {
      if (read === null || (read.endsAtMs !== null && read.endsAtMs - now() < FRESH_MS)) reread();
      return read?.keys ?? null;
    },
    renew: reread,
  };
}

/** https://docs.aws.amazon.com/cli/latest/topic/config-vars.html, "Sourcing credentials from external processes". */
function readKeys(file: string): { keys: AwsKeys; endsAtMs: number | null } | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null;
  }
  const members = membersOf(parsed(bytes));
  if (members === null) return null;
  const accessKeyId = textOf(members, 'AccessKeyId');
  const secretAccessKey = textOf(members, 'SecretAccessKey');
  if (accessKeyId === null || secretAccessKey === null) return null;
  const ends = Date.parse(textOf(members, 'Expiration') ?? '');
  return {
    keys: { accessKeyId, secretAccessKey, sessionToken: textOf(members, 'SessionToken') },
    endsAtMs: Number.isFinite(ends) ? ends : null,
  };
}
