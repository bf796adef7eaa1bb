/** What is wrong with a line of a crontab, and where in the line. */
export class CrontabError extends Error {
  /** Characters before the place. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
