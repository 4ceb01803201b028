import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** The two arguments and the result of what PGlite calls to mount a file system. */
type Init = NodeFS['init'];
type Options = Parameters<Init>[1];

/** What is patched of Emscripten's NODEFS, https://github.com/emscripten-core/emscripten/blob/main/src/lib/libnodefs.js */
interface Nodefs {
  readonly stream_ops: {
    fsync?: (stream: { readonly nfd?: number; readonly node: object }) => number;
  };
  readonly node_ops: {
    mknod: (parent: object, name: string, mode: number, dev: number) => object;
    setattr: (node: object, attributes: { mode?: number }) => void;
  };
  realPath(node: object): string;
}

/** EIO in WASI, https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno */
const WASI_EIO = 29;
/** Everything for the owner, nothing for the group and for others. */
const OWNER_ONLY = ~0o077;

/**
 * PGlite's file system with a real `fsync`. As it is shipped, NODEFS has none, so that a commit is in
 * the page cache when it is answered: it survives `kill -9` and not a power cut.
 *
 * It takes the place of an internal of Emscripten, so PGlite is pinned exactly, and opening a store
 * checks that a commit comes through here. Only with `wal_sync_method=fsync`: `fdatasync` is a stub.
 *
 * @see https://github.com/electric-sql/pglite/issues/1107 commits are not synced
 */
export class DurableNodeFs extends NodeFS {
  /** Files that have been synced to the disk. */
  syncCount = 0;
  /**
   * True after a PANIC. The engine is dead then, and has to be left alone: asked again it loops for
   * ever inside the event loop.
   */
  dead = false;

  override async init(pg: Parameters<Init>[0], options: Options): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pg, options);
    const patch = (module: object): void => this.#patch(nodefsOf(module));
    const onAbort = (): void => {
      this.dead = true;
    };
    const preRun = [...(emscriptenOpts.preRun ?? []), patch];
    return { emscriptenOpts: { ...emscriptenOpts, preRun, onAbort } };
  }

  /** For tests: what a disk does that fails. @throws what `fsync` throws. */
  protected syncFile(descriptor: number): void {
    fsyncSync(descriptor);
  }

  #patch(nodefs: Nodefs): void {
    nodefs.stream_ops.fsync = ({ nfd, node }) => {
      try {
        if (nfd === undefined) this.#syncPath(nodefs.realPath(node));
        else this.syncFile(nfd);
        this.syncCount += 1;
        return 0;
      } catch {
        // PostgreSQL stops with a PANIC, as it must: https://wiki.postgresql.org/wiki/Fsync_Errors
        // PGlite would swallow an exception and answer as if the commit were safe.
        return WASI_EIO;
      }
    };
    // Files come into being as 0666 otherwise, whatever PostgreSQL and the umask say: Emscripten
    // makes a file, and then gives it its mode once more.
    const { mknod, setattr } = nodefs.node_ops;
    nodefs.node_ops.mknod = (parent, name, mode, dev) =>
      mknod(parent, name, mode & OWNER_ONLY, dev);
    nodefs.node_ops.setattr = (node, attributes) => {
      if (attributes.mode !== undefined) attributes.mode &= OWNER_ONLY;
      setattr(node, attributes);
    };
  }

  /** A directory has no descriptor of its own here. */
  #syncPath(path: string): void {
    const descriptor = openSync(path, 'r');
    try {
      this.syncFile(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

function nodefsOf(module: object): Nodefs {
  const nodefs: unknown = 'NODEFS' in module ? module.NODEFS : null;
  if (!isNodefs(nodefs))
    throw new Error('this version of PGlite has no NODEFS that can be patched');
  return nodefs;
}

function isNodefs(value: unknown): value is Nodefs {
  return (
    typeof value === 'object' &&
    value !== null &&
    'stream_ops' in value &&
    'node_ops' in value &&
    typeof value.node_ops === 'object' &&
    value.node_ops !== null &&
    'mknod' in value.node_ops &&
    'setattr' in value.node_ops &&
    'realPath' in value
  );
}

/** Puts a file, or the names in a directory, on the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts everything under a directory on the disk, itself included. */
export function syncTree(directory: string): void {
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    syncPath(join(directory, path));
  }
  syncPath(directory);
}
