/** Colours for a terminal, and nothing at all for a file or a pipe. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

/**
 * @param noColour the variable `NO_COLOR` (https://no-color.org): any text means none.
 */
export function openPaint(
  stream: { readonly isTTY?: boolean },
  noColour: string | undefined,
): Paint {
  const colours = stream.isTTY === true && (noColour ?? '') === '';
  const paint =
    (code: number) =>
    (text: string): string =>
      colours ? `\u001B[${code}m${text}\u001B[0m` : text;
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}
