/** An error of a statement, with the SQLSTATE that PostgreSQL gives it. */
export class SqlError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
  }
}
