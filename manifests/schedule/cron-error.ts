/** Why a cron expression is refused: a sentence that names the field, and what to write instead when that is known. */
export class CronError extends Error {
  override readonly name = 'CronError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }

  /** Message and hint in one line. */
  get sentence(): string {
    return this.hint === undefined ? this.message : `${this.message}; ${this.hint}`;
  }
}
