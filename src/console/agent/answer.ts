/** What the window that was at Genesys tells the page that opened it. */
export interface WindowAnswer {
  readonly tokenline: 'signed-in';
  readonly code: string;
  readonly state: string;
}

export function isWindowAnswer(data: unknown): data is WindowAnswer {
  if (typeof data !== 'object' || data === null) return false;
  const text = (name: string): boolean => typeof Reflect.get(data, name) === 'string';
  return Reflect.get(data, 'tokenline') === 'signed-in' && text('code') && text('state');
}
