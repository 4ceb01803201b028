type Content = readonly (Node | string)[];
type Attributes = Readonly<Record<string, string>>;

/** An element with its attributes and what is in it; texts are texts, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  content: Content = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** One of Genesys' components, which the browser knows by their scripts. */
export function component(
  name: `gux-${string}`,
  attributes: Attributes = {},
  content: Content = [],
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

export type Accent = 'primary' | 'secondary' | 'danger' | 'ghost';

/** A button of Genesys' design around one of the browser's own. */
export function button(text: string, accent: Accent, press: () => void): HTMLElement {
  const inner = element('button', { type: 'button' }, [text]);
  inner.addEventListener('click', press);
  return component('gux-button-slot', { accent }, [inner]);
}

/** A button that sends the form around it, as the Enter key does. */
export function submit(text: string): HTMLElement {
  return component('gux-button-slot', { accent: 'primary' }, [
    element('button', { type: 'submit' }, [text]),
  ]);
}

/** A link that looks like a button: it leads out of the page, or to a file. */
export function linkButton(text: string, attributes: Attributes): HTMLElement {
  return element('a', { class: 'link-button', ...attributes }, [text]);
}

export type Tone = 'success' | 'warning' | 'error' | 'info';

/** A word on a coloured ground; the word says everything, the colour only helps. */
export function badge(text: string, tone: Tone): HTMLElement {
  return component('gux-badge', { accent: tone }, [text]);
}

/** A part of a page, with its heading. */
export function card(title: string, content: Content, attributes: Attributes = {}): HTMLElement {
  const heading = element('h2', {}, [title]);
  return element('section', { class: 'card', 'aria-label': title, ...attributes }, [
    heading,
    ...content,
  ]);
}

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Node | string;
  /** For figures, which stand at the right. */
  readonly numeric?: boolean;
}

/** A table; where it has no rows, a sentence in their place. */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  empty: string,
): HTMLElement {
  if (rows.length === 0) return element('p', { class: 'quiet' }, [empty]);
  const className = ({ numeric }: Column<T>): Attributes =>
    numeric === true ? { class: 'number' } : {};
  const head = columns.map((column) =>
    element('th', { scope: 'col', ...className(column) }, [column.title]),
  );
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      columns.map((column) => element('td', className(column), [column.cell(row)])),
    ),
  );
  // A wide table is moved with the keys as well as with a finger.
  return element('div', { class: 'table', role: 'group', 'aria-label': caption, tabindex: '0' }, [
    element('table', {}, [
      element('caption', { class: 'unseen' }, [caption]),
      element('thead', {}, [element('tr', {}, head)]),
      element('tbody', {}, body),
    ]),
  ]);
}

/** A moment as the reader's clock has it; the exact one is its title. */
export function moment(iso: string): HTMLElement {
  const at = new Date(iso);
  const text = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return element('time', { datetime: iso, title: iso }, [text]);
}

/** A moment in UTC, to the millisecond, as the ledger has it. */
export function exactMoment(iso: string): HTMLElement {
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
  return element('time', { datetime: iso, class: 'exact' }, [text]);
}

/** A link to another page of the console. */
export function link(text: string, address: string): HTMLElement {
  return element('a', { href: address, 'data-go': '' }, [text]);
}
