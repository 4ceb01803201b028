/** Exit codes of every command; `--help` lists them. */
export const EXIT = {
  ok: 0,
  /** A check did not pass, or the work could not be done. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
} as const;

/** Ends a command with a sentence for its user and no stack. */
export class CommandFailed extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
  }
}
