/** The languages that are spoken: Spanish for every Spanish, English for all others. */
export type SpokenLanguage = 'en' | 'es';

export function spokenLanguage(language: string): SpokenLanguage {
  return /^es\b/i.test(language) ? 'es' : 'en';
}

/** What `Intl` takes, whatever the flow says. */
export function localeOf(language: string): string {
  return spokenLanguage(language) === 'es' ? 'es-US' : 'en-US';
}
