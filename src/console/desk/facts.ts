import { element } from './dom.ts';

/** Names and what they stand for, one below the other. */
export function facts(pairs: readonly (readonly [string, Node | string])[]): HTMLElement {
  const shown = pairs.filter(([, value]) => value !== '');
  return element(
    'dl',
    { class: 'facts' },
    shown.map(([name, value]) =>
      element('div', {}, [element('dt', {}, [name]), element('dd', {}, [value])]),
    ),
  );
}

/** A calendar date as the reader writes it; it belongs to no time zone. */
export function dayText(date: string): string {
  if (date === '') return '';
  const at = new Date(`${date}T00:00:00Z`);
  return at.toLocaleDateString(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
}
