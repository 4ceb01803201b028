/** Languages that the product speaks; the first is the default. Genesys spells them in lower case. */
export const LANGUAGES = ['en-us', 'es-us'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The nearest language we speak: `es-MX` is `es-us`; what is not known is `en-us`. */
export function languageOf(asked: string | null | undefined): Language {
  const wanted = (asked ?? '').toLowerCase();
  const exact = LANGUAGES.find((language) => language === wanted);
  if (exact) return exact;
  const [primary] = wanted.split('-');
  return LANGUAGES.find((language) => language.startsWith(`${primary}-`)) ?? LANGUAGES[0];
}
