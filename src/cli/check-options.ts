/** How `tokenline check` prints what it finds. */
export const CHECK_FORMATS = ['text', 'json', 'github'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** Options of the command line, as they come. */
export interface CheckFlags {
  readonly dataActions?: string;
  readonly prompts?: string;
  readonly substitute?: readonly string[];
  readonly format: CheckFormat;
  readonly strict?: true;
  readonly rules?: true;
  readonly explain?: string;
}

/** Behind the options in `tokenline check --help`. */
export const CHECK_HELP = `
Findings are printed as file:line: rule: message. Errors are what Architect refuses, what breaks a
call, and secrets in places where they must not be; warnings are what a caller would rather not meet.

Examples:
  $ tokenline check flows/                             every flow in a folder, together
  $ tokenline check export.yaml --substitute queue=Sales --substitute values.yaml
  $ tokenline check flows/ --data-actions actions/     also inputs and outputs of data actions
  $ tokenline check flows/ --format github --strict    in a workflow of GitHub Actions
  $ tokenline check --explain dead-end                 why a rule is there, with an example
  $ cat flow.yaml | tokenline check -

A finding that is right as it is: # tokenline-check: allow <rule> because <reason>
on its line or above it. Secrets in the wrong place and files that cannot be read stay findings.

Exit codes:
  0  nothing found, or warnings alone    1  errors, or with --strict warnings    2  command line wrong
`;
