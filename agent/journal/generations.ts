// The journal is one file at a time, `journal.<generation>.log`. Compaction writes the next generation whole under a
// temporary name, fsyncs it and renames it: after a crash the highest generation is always complete.
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../base/index.js';

const NAME = /^journal\.(\d+)\.log$/;
const TEMPORARY = /^journal\.\d+\.tmp$/;

export function generationPath(directory: string, generation: number): string {
  return join(directory, `journal.${generation}.log`);
}

export function temporaryPath(directory: string, generation: number): string {
  return join(directory, `journal.${generation}.tmp`);
}

/** The newest generation, or 0 when there is none yet; removes leftovers of an interrupted compaction. */
export async function newestGeneration(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = await readdir(directory);
  const generations = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  const newest = Math.max(0, ...generations);
  for (const name of names) if (TEMPORARY.test(name)) await unlink(join(directory, name));
  for (const older of generations) if (older < newest) await unlink(generationPath(directory, older));
  return newest;
}

/** Makes the fsynced temporary file the journal. The caller keeps its open handle: it names the same file. */
export async function publishGeneration(directory: string, generation: number): Promise<void> {
  await rename(temporaryPath(directory, generation), generationPath(directory, generation));
  await syncDirectory(directory);
}

/** Removing the older generation needs no fsync: should it come back after a crash, the newer one outranks it. */
export async function removeGeneration(directory: string, generation: number): Promise<void> {
  if (generation > 0) await unlink(generationPath(directory, generation));
}
