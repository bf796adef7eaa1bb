import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { platform } from './index.js';
import { acquireLock } from './lock-file.js';

t.test('one holder at a time; given back, it is free', (t) => {
  const path = join(t.testdir(), 'lock');
  const release = acquireLock(path, platform);
  t.throws(() => acquireLock(path, platform), { code: 'CT_LOCKED' });
  release();
  acquireLock(path, platform)();
  t.notOk(existsSync(path));
  t.end();
});

t.test('the lock of a dead process, another boot or a damaged file is taken over', (t) => {
  const directory = t.testdir();
  const path = join(directory, 'lock');
  const { pid } = spawnSync('/bin/true');
  const bootId = platform.bootId();
  const start = platform.processStart(process.pid);
  for (const content of [
    JSON.stringify({ pid, bootId }),
    JSON.stringify({ pid: process.pid, start: 'another', bootId }),
    JSON.stringify({ pid: process.pid, start, bootId: 'another' }),
    'damaged',
  ]) {
    writeFileSync(path, content);
    const release = acquireLock(path, platform);
    t.same(readdirSync(directory), ['lock'], 'nothing is left beside it');
    release();
  }
  t.end();
});

t.test('giving back does not remove the lock of somebody else', (t) => {
  const path = join(t.testdir(), 'lock');
  const release = acquireLock(path, platform);
  writeFileSync(path, JSON.stringify({ pid: 1, bootId: platform.bootId() }));
  release();
  t.ok(existsSync(path));
  t.end();
});
