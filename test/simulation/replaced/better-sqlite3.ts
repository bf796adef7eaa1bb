// better-sqlite3 as it is, but so that a simulated kill -9 can take the files away from the process that had them open.
import Database from 'better-sqlite3';

const open = new Set<Database.Database>();

class TrackedDatabase extends Database {
  constructor(path: string, options?: Database.Options) {
    super(path, options);
    open.add(this);
  }

  override close(): this {
    open.delete(this);
    return super.close();
  }
}

/** What was not committed is undone, as after a crash. */
export function closeAllFiles(): void {
  for (const database of [...open]) database.close();
}

// biome-ignore lint/style/noDefaultExport: the package has one
export { TrackedDatabase as default };
