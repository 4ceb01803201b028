import type { Form } from './form.ts';
import { GATEWAY_WORDS } from './gateway-words.ts';
import { GIVEN_FORMS } from './given-forms.ts';
import { MOVE_FORMS } from './move-forms.ts';
import type { CallFile } from './step.ts';
import { THEN_FORMS } from './then-forms.ts';

/** Under the title, which has to be the first line of a page. */
function head(title: string): string {
  return `# ${title}\n\n<!-- Written by \`npm run generate\`; do not edit. -->\n\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(
  head: readonly [string, string],
  rows: readonly (readonly [string, string])[],
): string {
  const lines = rows.map(([form, does]) => `| \`${cell(form)}\` | ${cell(does)} |`);
  return [`| ${head[0]} | ${head[1]} |`, '| --- | --- |', ...lines].join('\n');
}

function rowsOf<T>(verb: string, forms: readonly Form<T>[]): (readonly [string, string])[] {
  return forms.map(({ form, does }) => [`${verb} ${form}`.replace(' (alone)', ''), does]);
}

/** `docs/reference/call-files.md`: the language of call files, from the tables that the reader goes by. */
export function callFilesPage(): string {
  const moves = Object.entries(MOVE_FORMS).flatMap(([verb, forms]) => rowsOf(verb, forms));
  return `${head('Call files')}A call file (\`*.call\`) is the story of one call: a test, a demonstration, and a page of documentation at once. [The calls of this package](../calls/README.md) are in \`test/calls/\`; \`npx tokenline call test/calls/*.call\` plays them.

\`\`\`
A caller mistypes the security code once, corrects it, and is enrolled.

given    gateway answers cvv_mismatch, then approved
ANI      +13175550100
hears    "Please enter your card number"
dials    4242 4242 4242 4242 #
hears    "security code"
dials    123#
hangs up
then     outcome is enrolled
\`\`\`

Line 1 is the title. Then come, in this order, what is given, the caller's number (\`ANI\`, in E.164, or \`withheld\`; without it the number is withheld), what the caller does, and what has to be true afterwards. \`--\` opens a remark. A line that is not understood is refused with file, line and everything that may stand there.

Each file is played against a whole system of its own, the code of all processes over HTTP, in virtual time: what a caller would spend two minutes on takes less than a second. Prompts cost their length, a key 0.4 s, a spoken word one second; the report says how long the caller was on the line.

With \`--url\` the files are played one after the other against a system that runs already, in real time. It is not alone with them: \`new\` counts what is of this call, \`the gateway has\` without it everything that the gateway holds, and billing counts what has come since the call began, so that no other calls should be made meanwhile. What every other call would meet as well (an operator's switch, an open breaker, billing or the directory away, another time) is refused there.

## What the caller does

The caller hears every prompt to its end and acts when the flow listens. Where the flow listens and the next \`hears\` has not been heard, the call has failed: it says what was heard instead, and which line of which flow played it. A caller who is to stay silent \`waits\`. A file has to go on until the call is over: a flow that waits for a caller who has no more lines is a failure too.

${table(['line', 'what it does'], moves)}

## What is given

${table(['line', 'what it does'], rowsOf('given', GIVEN_FORMS))}

What was given and never met fails the call: a story that was not told. Earlier enrolments, declined cards and slow calls are real ones, made over HTTP before the call.

### Answers of the gateway

One entry for each request; \`N times\` behind one repeats it.

${table(
  ['answer', 'what it does'],
  GATEWAY_WORDS.map(({ form, does }) => [form, does] as const),
)}

## What has to be true

Looked at when the call is over and nothing is left to be settled, delivered or sealed (at most three minutes of virtual time).

${table(['line', 'what it does'], rowsOf('then', THEN_FORMS))}

## What is true of every call

No file can leave it out: card digits are looked for in the log, in every table of the database, in ledger and outbox, in every file of the data directory, in the gateway's ledger and in billing, in participant attributes, in the events of the call and in its transcript.

- A run of 12 keys or more must not be found again: as it was keyed, spaced out, backwards, URL-encoded, in hexadecimal, as key codes, or in Base64.
- A security code is three or four digits and cannot be told from any other number. So its name is looked for: nothing that is called a CVV, a security code or a card number may hold three digits or more.

A flow that fails without a branch for it (an error that its error handling disconnects for) fails every call that does not say \`then the flow failed\`.
`;
}

/** A group is what file names have before their first dash: `card-declined.call` is of `card`. */
export function groupOf(file: string): string {
  return (
    file
      .split('/')
      .at(-1)
      ?.replace(/\.call$/, '')
      .split('-')[0] ?? ''
  );
}

/** Titles of groups whose name alone says too little. */
const HEADINGS: Readonly<Record<string, string>> = {
  agent: 'A person takes over',
  card: 'Cards that are declined, mistyped or not at hand',
  enrol: 'Enrolling',
  hang: 'Hanging up',
  language: 'Choosing a language',
  limits: 'Limits',
  link: 'Paying by link',
  manage: 'Managing a subscription',
  outage: 'Outages',
  spanish: 'In Spanish',
  terms: 'The terms',
  with: 'With an agent on the line',
};

function heading(group: string): string {
  return HEADINGS[group] ?? `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
}

function story(file: CallFile): string {
  const [, ...rest] = file.source.trimEnd().split('\n');
  return `## ${file.title}

\`${file.file}\`

\`\`\`
${rest.join('\n').trim()}
\`\`\`
`;
}

/**
 * `docs/calls/`: a page for each group of call files, and one that lists them.
 *
 * @returns text by path.
 */
export function callPages(files: readonly CallFile[]): ReadonlyMap<string, string> {
  const groups = new Map<string, CallFile[]>();
  for (const file of files) {
    const group = groupOf(file.file);
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  const pages = new Map<string, string>();
  for (const [group, members] of groups) {
    const text = `${head(heading(group))}What a line means is in [call files](../reference/call-files.md).\n\n${members.map(story).join('\n')}`;
    pages.set(`docs/calls/${group}.md`, text);
  }
  const lists = [...groups].map(([group, members]) => {
    const titles = members.map(({ title }) => `- ${title}`).join('\n');
    return `## [${heading(group)}](${group}.md)\n\n${titles}\n`;
  });
  pages.set(
    'docs/calls/README.md',
    `${head('Calls')}${files.length} calls, each of them a test: \`npx tokenline call test/calls/*.call\` plays them. What a line means is in [call files](../reference/call-files.md).\n\n${lists.join('\n')}`,
  );
  return pages;
}
