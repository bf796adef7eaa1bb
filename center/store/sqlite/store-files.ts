import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** The files of a store: definitions and runs, logs, packages, and the file whose lock says who owns them all. */
export interface StoreFiles {
  readonly state: string;
  readonly logs: string;
  readonly packages: string;
  readonly lock: string;
}

/** Derives the file names from the one that is configured, and makes them and their directory for the owner only: logs may hold secrets. */
export function storeFiles(path: string): StoreFiles {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const base = path.replace(/\.(db|sqlite)$/, '');
  const files = {
    ...{ state: path, logs: `${base}-logs.db`, packages: `${base}-packages.db` },
    lock: `${base}.lock`,
  };
  // SQLite gives the files it makes beside a database the mode of the database.
  for (const file of Object.values(files)) closeSync(openSync(file, 'a', 0o600));
  return files;
}
