import type { CheckedText } from '../architect/check/check-flow.ts';
import { checkTexts } from '../architect/check/check-flow.ts';
import type { Finding, Known } from '../architect/check/finding.ts';
import { RULE_FAMILIES, RULES } from '../architect/check/rules.ts';
import { problemLine } from '../architect/position.ts';
import {
  OWN_DATA_ACTIONS,
  readDataActions,
  readFlows,
  readPrompts,
  readSubstitutions,
} from './check-files.ts';
import type { CheckFlags, CheckFormat } from './check-options.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';

/** The category of Tokenline's own data actions in flows. */
const OWN_CATEGORY = 'Tokenline';

/** @returns the exit code. */
export function check(terminal: Terminal, paths: readonly string[], flags: CheckFlags): number {
  if (flags.rules === true) return printRules(terminal);
  if (flags.explain !== undefined) return explain(terminal, flags.explain);
  if (paths.length === 0) {
    throw new CommandFailed('Name a flow, a folder of flows, or - for standard input.', EXIT.usage);
  }
  const checked = checkTexts(
    readFlows(paths),
    knownOf(flags),
    readSubstitutions(flags.substitute ?? []),
  );
  const findings = checked.flatMap((one) => one.findings);
  if (flags.format === 'json') terminal.out(JSON.stringify(asJson(checked), null, 2));
  else for (const finding of findings) terminal.out(lineOf(finding, flags.format, terminal.paint));
  if (flags.format !== 'json') terminal.out(summary(checked));
  const bad = findings.filter(({ severity }) => severity === 'error' || flags.strict === true);
  return bad.length === 0 ? EXIT.ok : EXIT.failed;
}

function knownOf({ dataActions, prompts }: CheckFlags): Omit<Known, 'flows'> {
  return {
    dataActions: readDataActions(dataActions === undefined ? OWN_DATA_ACTIONS : [dataActions]),
    // Of a folder that somebody names it is not known whether it is all that a category has.
    wholeCategory: dataActions === undefined ? OWN_CATEGORY : null,
    prompts: prompts === undefined ? null : readPrompts(prompts),
  };
}

function lineOf(finding: Finding, format: CheckFormat, paint: Paint): string {
  if (format === 'github') return githubLine(finding);
  const { severity } = finding;
  const line = problemLine(finding);
  return severity === 'error' ? line : `${line} ${paint.dim('(warning)')}`;
}

/** A workflow command of GitHub Actions, which shows it beside the line of a pull request. */
function githubLine({ severity, position, rule, message }: Finding): string {
  const { file, line, column } = position;
  const property = (text: string): string =>
    data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${severity} file=${property(file)},line=${line},col=${column},title=${property(rule)}::${data(message)}`;
}

/** Escapes of workflow commands (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function asJson(checked: readonly CheckedText[]): unknown {
  return {
    flows: checked.map(({ file, flow }) => ({
      file,
      name: flow?.name ?? null,
      type: flow?.type ?? null,
    })),
    findings: checked.flatMap(({ findings }) =>
      findings.map(({ position, rule, severity, message }) => ({
        ...position,
        rule,
        severity,
        message,
      })),
    ),
  };
}

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

function summary(checked: readonly CheckedText[]): string {
  const findings = checked.flatMap((one) => one.findings);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const flows = counted(checked.length, 'file');
  if (findings.length === 0) return `${flows} checked: nothing found`;
  return `${flows} checked: ${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`;
}

function printRules({ out, paint }: Terminal): number {
  for (const [family, names] of RULE_FAMILIES) {
    out(paint.bold(family));
    for (const name of names) {
      const rule = RULES.get(name);
      if (rule !== undefined) out(`  ${name.padEnd(28)}${rule.severity.padEnd(9)}${rule.says}`);
    }
  }
  return EXIT.ok;
}

function explain({ out, paint }: Terminal, name: string): number {
  const rule = RULES.get(name);
  if (rule === undefined) {
    throw new CommandFailed(`There is no rule ${name}; --rules lists them.`, EXIT.usage);
  }
  const code = (text: string): string => text.replaceAll(/^/gm, '    ');
  out(
    `${paint.bold(name)} (${rule.severity}${rule.final === true ? ', cannot be suppressed' : ''})`,
  );
  out(rule.says);
  out(rule.why);
  out(`Source: ${rule.source}`);
  if (rule.bad === '') return EXIT.ok;
  out(`\nBreaks it:\n${code(rule.bad)}`);
  out(`\nDoes not:\n${code(rule.good)}`);
  return EXIT.ok;
}
