import { button, element } from './dom.ts';

/** A field of a filter; its name is what stands in the address. */
export interface Field {
  readonly name: string;
  readonly title: string;
  /** Words to choose from; else a text or a date is written. */
  readonly choices?: readonly { readonly value: string; readonly text: string }[];
  readonly type?: 'date' | 'search';
}

function control(field: Field, value: string): HTMLInputElement | HTMLSelectElement {
  const id = `filter-${field.name}`;
  if (field.choices === undefined) {
    const input = element('input', { id, name: field.name, type: field.type ?? 'search' });
    input.value = value;
    return input;
  }
  const all = [{ value: '', text: 'all' }, ...field.choices];
  const select = element(
    'select',
    { id, name: field.name },
    all.map((choice) => element('option', { value: choice.value }, [choice.text])),
  );
  select.value = value;
  return select;
}

/** A form over a list; what is looked for stands in the address, so that it can be kept and shared. */
export function filterForm(
  fields: readonly Field[],
  query: URLSearchParams,
  search: (query: URLSearchParams) => void,
): HTMLElement {
  const controls = fields.map((field) => control(field, query.get(field.name) ?? ''));
  const submit = (): void => {
    const wanted = new URLSearchParams();
    for (const { name, value } of controls) if (value.trim() !== '') wanted.set(name, value.trim());
    search(wanted);
  };
  const form = element('form', { class: 'filter', role: 'search' }, [
    ...fields.map((field, at) => {
      const input = controls[at] ?? '';
      return element('div', {}, [
        element('label', { for: `filter-${field.name}` }, [field.title]),
        input,
      ]);
    }),
    button('Look', 'secondary', submit),
  ]);
  // The button is one of Genesys' and belongs to no form; Enter in a field looks as well.
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      submit();
    }
  });
  return form;
}
