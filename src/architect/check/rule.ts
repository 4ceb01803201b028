export type Severity = 'error' | 'warning';

/** A rule of `tokenline check`, as its documentation and `--explain` tell it. */
export interface Rule {
  readonly severity: Severity;
  /** One sentence. */
  readonly says: string;
  /** What happens to a caller, or a card, where it is broken. */
  readonly why: string;
  /** Where it comes from. */
  readonly source: string;
  /** YAML that breaks it, and YAML that does not. */
  readonly bad: string;
  readonly good: string;
  /** Cannot be suppressed: a secret is where it must not be. */
  readonly final?: true;
}

/** Sources that many rules have. */
export const SDK = 'Genesys flow scripting SDK, documentation of its classes';
export const LOGIC = 'Follows from the flow itself';
