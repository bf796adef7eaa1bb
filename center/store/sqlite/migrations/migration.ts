export interface Migration {
  /** From 1, without gaps: it becomes the version of the schema. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
