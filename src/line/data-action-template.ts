import { render } from 'velocityjs';
import type { JsonValue } from '../architect/expression/value.ts';

/** A value that a template has no text for. */
function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonString(value: unknown): string {
  return JSON.stringify(text(value)).slice(1, -1);
}

/**
 * Macros that Genesys gives to templates.
 * @see https://help.mypurecloud.com/articles/velocity-macros-for-data-actions/
 */
const MACROS = {
  esc: {
    jsonString,
    jsonEncode: jsonString,
    quote: (value: unknown) => JSON.stringify(text(value)),
    url: (value: unknown) => encodeURIComponent(text(value)),
    xml: (value: unknown) =>
      text(value).replaceAll(/[<>&'"]/g, (mark) => `&#${mark.charCodeAt(0)};`),
    html: (value: unknown) =>
      text(value).replaceAll(/[<>&'"]/g, (mark) => `&#${mark.charCodeAt(0)};`),
  },
  encoding: {
    base64: (value: unknown) => Buffer.from(text(value)).toString('base64'),
    urlEncode: (value: unknown) => encodeURIComponent(text(value)),
  },
  successTemplateUtils: {
    /** The first of a list in JSON text, as JSON text; `otherwise` where there is none. */
    firstFromArray(list: unknown, otherwise: unknown = '""'): string {
      const [first] = listOf(list);
      return first === undefined ? text(otherwise) : JSON.stringify(first);
    },
  },
};

function listOf(list: unknown): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text(list));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** What a template may name. */
export interface TemplateValues {
  readonly input?: Readonly<Record<string, JsonValue>>;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly authResponse?: Readonly<Record<string, JsonValue>>;
}

/** The text of a request's template. */
export function rendered(template: string, values: TemplateValues): string {
  return render(template, { ...values, ...MACROS });
}

/** The text of a success template: values by name, each as JSON text. */
export function renderedAnswer(
  template: string,
  values: Readonly<Record<string, string>>,
  rawResult: string,
): string {
  return render(template, { ...values, rawResult, ...MACROS });
}
