import { disguises } from '../../test/conformance/digits.ts';

/** One way of writing digits. */
export interface Form {
  readonly encoding: string;
  /** False where it has bytes that a text, an argument or a variable cannot carry. */
  readonly isText: boolean;
  readonly bytes: Buffer;
}

/** Binary-coded decimal, two digits a byte; an odd one is filled up on either side. */
function packed(digits: string): Buffer[] {
  if (digits.length % 2 === 0) return [Buffer.from(digits, 'hex')];
  return [Buffer.from(`0${digits}`, 'hex'), Buffer.from(`${digits}f`, 'hex')];
}

/**
 * Every form of a card that is looked for. Three digits alone are everywhere, so the CVV is looked for
 * under its name, as the guide's payload has it, also inside of another JSON text.
 */
export function formsOf({ digits, cvv }: { digits: string; cvv: string }): Form[] {
  const text = (encoding: string, written: string): Form => ({
    encoding,
    isText: true,
    bytes: Buffer.from(written),
  });
  const bytes = (encoding: string, written: Buffer): Form => ({
    encoding,
    isText: false,
    bytes: written,
  });
  const little = Buffer.from(digits, 'utf16le');
  const { middle: _, 'utf-16': __, ...others } = disguises(digits);
  return [
    ...Object.entries(others).flatMap(([encoding, needles]) =>
      [...new Set(needles)].map((needle) => text(encoding, needle)),
    ),
    // More than the first six and the last four may not be kept (PCI DSS 3.4.1, 3.5.1). Fewer digits
    // than these are found by chance where there are hundreds of megabytes.
    text('truncated', digits.slice(0, 12)),
    text('truncated', digits.slice(-11)),
    text('CVV under its name', `"cvv":"${cvv}"`),
    text('CVV under its name', `\\"cvv\\":\\"${cvv}\\"`),
    bytes('utf-16le', little),
    bytes('utf-16be', Buffer.from(little).swap16()),
    ...packed(digits).map((one) => bytes('packed decimal', one)),
  ];
}
