// Output that people and scripts rely on, kept as files: changed on purpose only (CTASK_UPDATE_GOLDEN=1 writes them anew).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { repository } from './ctask.js';

const directory = join(repository, 'test', 'golden');

export function golden(t: Test, name: string, text: string): void {
  const file = join(directory, name);
  if (process.env.CTASK_UPDATE_GOLDEN === '1') {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, text);
  }
  t.equal(text, readFileSync(file, 'utf8'), `test/golden/${name}`);
}
