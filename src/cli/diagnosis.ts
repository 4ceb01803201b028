/** What a look at one thing found. */
export interface Diagnosis {
  /** Fixed word with dots, such as `data.permissions`. */
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** Why it matters, with the clause; empty where it is ok. */
  readonly why: string;
  /** What to do; empty where it is ok. */
  readonly todo: string;
}

export function ok(check: string, says: string): Diagnosis {
  return { check, says, state: 'ok', why: '', todo: '' };
}

export function trouble(
  state: 'warn' | 'fail',
  check: string,
  says: string,
  why: string,
  todo: string,
): Diagnosis {
  return { check, state, says, why, todo };
}
