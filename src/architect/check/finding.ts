import type { Flow } from '../model.ts';
import type { ArchitectType } from '../expression/value.ts';
import type { Position, Problem } from '../position.ts';
import type { Severity } from './rule.ts';
import { RULES, type OwnRule } from './rules.ts';

/** A problem with its weight. */
export interface Finding extends Problem {
  readonly severity: Severity;
}

/** What a data action takes and gives, from its file. */
export interface DataActionContract {
  readonly name: string;
  readonly secure: boolean;
  readonly inputs: ReadonlyMap<string, ContractField>;
  readonly outputs: ReadonlyMap<string, ContractField>;
  /** True when it is given with any other input as well, as its schema may say. */
  readonly open: boolean;
}

export interface ContractField {
  /** `null` for a JSON type that has no Architect type. */
  readonly type: ArchitectType | null;
  readonly required: boolean;
}

/** What is known beside the flow itself. */
export interface Known {
  /** Flows that are checked together. */
  readonly flows: readonly Flow[];
  /** By name in lower case. */
  readonly dataActions: ReadonlyMap<string, DataActionContract>;
  /** Their category, where every data action of it is among them; `null` if that is not known. */
  readonly wholeCategory: string | null;
  /** Texts of prompts by name without `Prompt.`; `null` where they are not known. */
  readonly prompts: ReadonlyMap<string, readonly string[]> | null;
}

export const NOTHING_KNOWN: Known = {
  flows: [],
  dataActions: new Map(),
  wholeCategory: null,
  prompts: null,
};

/** Takes findings of one flow. */
export class Report {
  readonly findings: Finding[] = [];

  add(rule: OwnRule, position: Position, message: string): void {
    this.findings.push({ rule, position, message, severity: severityOf(rule) });
  }
}

/** What is not in the table is an error: nobody has said that it is less. */
export function severityOf(rule: string): Severity {
  return RULES.get(rule)?.severity ?? 'error';
}
