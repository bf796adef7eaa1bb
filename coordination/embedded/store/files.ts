import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface StoredFile {
  readonly path: string;
  readonly zxid: bigint;
}

/** A journal segment is named after its first zxid, a snapshot after the last zxid before its journal begins. */
const FORM = { journal: /^journal-([0-9a-f]{16})$/, snapshot: /^snapshot-([0-9a-f]{16})$/ } as const;

export function pathOf(directory: string, kind: keyof typeof FORM, zxid: bigint): string {
  return join(directory, `${kind}-${zxid.toString(16).padStart(16, '0')}`);
}

/** In ascending order of zxid. */
export async function listFiles(directory: string, kind: keyof typeof FORM): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const name of await readdir(directory)) {
    const match = FORM[kind].exec(name);
    if (match !== null) files.push({ path: join(directory, name), zxid: BigInt(`0x${match[1]!}`) });
  }
  return files.sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
}
