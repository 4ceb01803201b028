/** An amount in the smallest unit of its currency. Never a fraction. */
export interface Money {
  /** Cents for USD, yen for JPY. */
  readonly amountMinor: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
}

/** Currencies that do not have two decimals, from ISO 4217:2015 table A.1 (minor unit column). */
const DECIMALS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
};

/** Ten digits before the point keep every amount exact in a double. */
const DECIMAL_TEXT = /^(\d{1,10})(?:\.(\d+))?$/;

export function decimalsOf(currency: string): number {
  return DECIMALS[currency] ?? 2;
}

/**
 * Reads the guide's decimal `amount` exactly: `29.99`, `"29.99"`, `"29.990"` and `30` are amounts,
 * `29.999` USD is not, and no binary fraction is ever multiplied.
 *
 * @returns `null` where the text is no amount of that currency.
 */
export function parseAmount(amount: string | number, currency: string): Money | null {
  // A number comes from JSON, whose shortest text is what the sender wrote.
  const match = DECIMAL_TEXT.exec(String(amount));
  if (!match) return null;
  const decimals = decimalsOf(currency);
  const fraction = (match[2] ?? '').padEnd(decimals, '0');
  if (/[^0]/.test(fraction.slice(decimals))) return null;
  const amountMinor = Number(`${match[1] ?? ''}${fraction.slice(0, decimals)}`);
  return Number.isSafeInteger(amountMinor) ? { amountMinor, currency } : null;
}

/** The decimal text of an amount, as the guide's payloads carry it: `29.99`. */
export function decimalText(money: Money): string {
  const decimals = decimalsOf(money.currency);
  const digits = String(money.amountMinor).padStart(decimals + 1, '0');
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * The amount as it is spoken and shown in a language: `$29.99`. Its decimals are those of ISO 4217,
 * because Unicode's rules would round some currencies, such as the forint, to what cash is paid in.
 */
export function amountText(money: Money, language: string): string {
  return amountFormat(money.currency, language).format(Number(decimalText(money)));
}

/** By language and currency: making one takes a hundred times as long as using it. */
const FORMATS = new Map<string, Intl.NumberFormat>();

function amountFormat(currency: string, language: string): Intl.NumberFormat {
  const name = `${language} ${currency}`;
  let format = FORMATS.get(name);
  if (format === undefined) {
    const decimals = decimalsOf(currency);
    format = new Intl.NumberFormat(language, {
      style: 'currency',
      currency,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    FORMATS.set(name, format);
  }
  return format;
}

export function sameMoney(one: Money, other: Money): boolean {
  return one.amountMinor === other.amountMinor && one.currency === other.currency;
}
