import { FAULTS } from '../payment/fault.ts';
import { ERROR_CODE_LIST, ERROR_CODES } from '../payment/outcome.ts';
import { ROUTE_POLICY } from '../payment/route.ts';
import { routesOf, type ProcessName, type Route } from './routes.ts';
import { inputsOf, outputsOf, type FlatField } from './data-action.ts';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;

/** The routes of one process. */
export function routesTable(process: ProcessName): string {
  const rows = routesOf(process).map(([, route]) => [
    code(`${route.method} ${route.path}`),
    route.scope === null ? 'open' : code(route.scope),
    route.name ?? '',
    route.summary,
  ]);
  return table(['route', 'scope', 'data action', 'what it does'], rows);
}

function fieldsTable(fields: readonly FlatField[], optional: boolean): string {
  const rows = fields.map((field) => [
    code(field.name),
    field.type,
    ...(optional ? [field.required ? 'yes' : ''] : []),
    field.description,
  ]);
  return table(['field', 'type', ...(optional ? ['needed'] : []), 'meaning'], rows);
}

function actionSection(name: string, route: Route): string {
  const call = `${route.summary} ${code(`${route.method} ${route.path}`)}`;
  const secure = route.secure
    ? '\n\nA **secure** data action: only a secure call flow may use it, by Call Secure Data Action.'
    : '';
  return [
    `## ${name}`,
    `${call}${secure}`,
    fieldsTable(inputsOf(route), true),
    'Gives back:',
    fieldsTable(outputsOf(route), false),
  ].join('\n\n');
}

const NOTE = '<!-- Written by `npm run generate` from `src/contract`; do not edit. -->';

/** `docs/reference/routes.md`. */
export function routesPage(): string {
  return `# Routes

${NOTE}

Every business result, declines included, is HTTP 200 with an \`outcome\`; any other status is a
[fault](errors.md). Each process serves its full contract at \`/openapi.json\`.

## Bridge

${routesTable('bridge')}

## Tokenizer

${routesTable('tokenizer')}
`;
}

/** `docs/reference/data-actions.md`. */
export function dataActionsPage(): string {
  const routes = [...routesOf('tokenizer'), ...routesOf('bridge')];
  const sections = routes.flatMap(([, route]) =>
    route.name === null ? [] : [actionSection(route.name, route)],
  );
  return `# Data actions

${NOTE}

The files are in \`genesys/data-actions\`. Their addresses are \`{{TOKENLINE_BRIDGE_URL}}\` and
\`{{TOKENLINE_TOKENIZER_URL}}\` until they are deployed. An optional input that is left empty is not
sent.

${sections.join('\n\n')}
`;
}

/** `docs/reference/errors.md`. */
export function errorsPage(): string {
  const faults = Object.entries(FAULTS).map(([name, [status, title]]) => [
    code(name),
    String(status),
    title,
  ]);
  const errors = ERROR_CODE_LIST.map((name) => [
    code(name),
    code(ROUTE_POLICY[name].route),
    code(ROUTE_POLICY[name].retryField),
    ERROR_CODES[name],
  ]);
  return `# Errors

${NOTE}

## Faults

The request could not be served. The answer is \`application/problem+json\` (RFC 9457) with a stable
\`code\`; \`detail\` says what to do and never repeats a value of the request.

${table(['code', 'status', 'meaning'], faults)}

\`POST /oauth/token\` adds the \`error\` of RFC 6749 to 400 and 401.

## Error codes

The request was served, and did not succeed: HTTP 200 with this \`error_code\`. A flow follows
\`route\`, and asks for \`retry_field\` again where that is \`retry\`. After the last attempt the route
is \`agent\`.

${table(['error_code', 'route', 'retry_field', 'meaning'], errors)}
`;
}
