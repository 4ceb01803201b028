import { RULE_FAMILIES, RULES } from './rules.ts';

const NOTE = '<!-- Written by `npm run generate` from `src/architect/check`; do not edit. -->';

const example = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;

function family([name, rules]: (typeof RULE_FAMILIES)[number]): string {
  const rows = rules.flatMap((rule) => {
    const found = RULES.get(rule);
    if (found === undefined) return [];
    const suppress = found.final === true ? 'no' : 'yes';
    return [`| \`${rule}\` | ${found.severity} | ${suppress} | ${found.says} |`];
  });
  return [
    `## ${name}`,
    [
      '| rule | weight | can be suppressed | what it finds |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
    ...rules.flatMap(section),
  ].join('\n\n');
}

/** Rules of reading have their examples in the messages. */
function section(name: string): readonly string[] {
  const rule = RULES.get(name);
  if (rule === undefined || rule.bad === '') return [];
  return [
    `### ${name}`,
    rule.why,
    `Source: ${rule.source}.`,
    'Breaks it:',
    example(rule.bad),
    'Does not:',
    example(rule.good),
  ];
}

/** `docs/reference/check.md`. */
export function checkPage(): string {
  return `${[
    `# What \`tokenline check\` looks for

${NOTE}

[Check your flows](../guides/check-your-flows.md) tells how to use it. The examples show the part of a
flow that matters, in short notation.`,
    ...RULE_FAMILIES.map(family),
  ].join('\n\n')}\n`;
}
