import type { OpenTransaction } from './database.js';
import type { ChangeText } from './repository-types.js';
import type { StateSchema } from './schema.js';
import type { Versioning } from './write-queue.js';

/** The committed changes in order of their versions, as the database's thread tells them. */
export interface ChangeFeed extends Versioning<StateSchema> {
  /** Everything up to this version has been published. */
  readonly position: number;
  /** Resolves when everything up to `version`, which is committed, has been published. */
  reached(version: number): Promise<void>;
  close(): Promise<void>;
}

export type Publish = (changes: readonly ChangeText[], version: number) => void;

/** The version counter is a row, so that it is as durable as what it counts. */
export async function readVersion(tx: Pick<OpenTransaction<StateSchema>, 'write'>, lock: boolean): Promise<number> {
  const query = tx.write.selectFrom('counters').select('value').where('name', '=', 'resource_version');
  return (await (lock ? query.forUpdate() : query).executeTakeFirstOrThrow()).value;
}

export async function saveVersion(tx: OpenTransaction<StateSchema>, value: number): Promise<void> {
  await tx.write.updateTable('counters').set({ value }).where('name', '=', 'resource_version').execute();
}

/** Of a database that this process alone writes: what was committed here is all there is. */
export class LocalFeed implements ChangeFeed {
  position: number;
  private readonly tell: Publish;
  private waiting: { readonly version: number; resolve(): void }[] = [];

  constructor(position: number, tell: Publish) {
    this.position = position;
    this.tell = tell;
  }

  read(transaction: OpenTransaction<StateSchema>): Promise<number> {
    return readVersion(transaction, false);
  }

  save(transaction: OpenTransaction<StateSchema>, version: number): Promise<void> {
    return saveVersion(transaction, version);
  }

  publish(base: number, changes: readonly ChangeText[]): void {
    if (changes.length === 0) return;
    this.position = Math.max(base, changes.at(-1)!.resourceVersion);
    this.tell(changes, this.position);
    const { waiting, position } = this;
    if (waiting.length === 0) return;
    this.waiting = waiting.filter(({ version }) => version > position);
    for (const { version, resolve } of waiting) if (version <= position) resolve();
  }

  async reached(version: number): Promise<void> {
    // A reader may see a commit a few steps before its changes are published.
    if (version > this.position) await new Promise<void>((resolve) => this.waiting.push({ version, resolve }));
  }

  async close(): Promise<void> {}
}
