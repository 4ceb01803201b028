/** Buffers of 64 bytes and less lie on V8's heap, whose collector leaves copies of them behind. */
const BUFFER_BYTES_MIN = 128;

/**
 * A request body with secrets in it, in one fresh buffer that is in nobody's pool. Texts are the
 * literal parts; bytes are the secrets, which are copied and never become text. Digits need no
 * escaping, neither in JSON nor in a form.
 */
export function bodyOf(parts: readonly (string | Uint8Array)[]): Buffer {
  const sizes = parts.map((part) =>
    typeof part === 'string' ? Buffer.byteLength(part, 'utf8') : part.length,
  );
  const byteCount = sizes.reduce((sum, size) => sum + size, 0);
  const body = Buffer.alloc(Math.max(byteCount, BUFFER_BYTES_MIN)).subarray(0, byteCount);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (typeof part === 'string') body.write(part, at, 'utf8');
    else body.set(part, at);
    at += sizes[i] ?? 0;
  }
  return body;
}
