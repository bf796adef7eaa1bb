import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** The files of a store: definitions and runs, logs, and the file whose lock says who owns both. */
export interface StoreFiles {
  readonly state: string;
  readonly logs: string;
  readonly lock: string;
}

/** Derives the file names from the one that is configured, and makes their directory (0700: logs may hold secrets). */
export function storeFiles(path: string): StoreFiles {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const base = path.replace(/\.(db|sqlite)$/, '');
  return { state: path, logs: `${base}-logs.db`, lock: `${base}.lock` };
}
