/**
 * A reason not to start at all. The message is for the operator: what is wrong, and what to do about
 * it; the command prints it without a stack and exits with 1.
 */
export class StartRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartRefused';
  }
}
