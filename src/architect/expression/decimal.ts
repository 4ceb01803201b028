/** 15 digits: what a double keeps of a decimal, so that 37.3 % 12.8 is 11.7 as in Architect. */
const SIGNIFICANT_DIGITS = 15;

/** A result of decimal arithmetic without the rounding noise of binary numbers. */
export function exact(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

/** Half away from zero, decided on the decimal digits: 1.005 to two places is 1.01. */
export function roundTo(value: number, places: number): number {
  const [digits = '0', exponent = '0'] = String(Math.abs(value)).split('e');
  const shifted = Math.round(Number(`${digits}e${Number(exponent) + places}`));
  const [whole = '0', power = '0'] = String(shifted).split('e');
  const rounded = Number(`${whole}e${Number(power) - places}`);
  return value < 0 ? -rounded : rounded;
}

/** Cut off, not rounded. */
export function cutTo(value: number, places: number): number {
  const [digits = '0', exponent = '0'] = String(Math.abs(value)).split('e');
  const shifted = Math.trunc(Number(`${digits}e${Number(exponent) + places}`));
  const cut = Number(`${shifted}e-${places}`);
  return value < 0 ? -cut : cut;
}

/** No negative zero: it would be written `-0.0`. */
export function plainZero(value: number): number {
  return value === 0 ? 0 : value;
}
