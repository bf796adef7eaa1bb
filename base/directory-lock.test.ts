import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { acquireDirectoryLock } from './directory-lock.js';

t.test('a directory has one holder at a time', async (t) => {
  const directory = t.testdir();
  const lock = await acquireDirectoryLock(directory);
  await t.rejects(acquireDirectoryLock(directory), { code: 'CT_LOCKED' });
  await lock.release();
  await (await acquireDirectoryLock(directory)).release();
});

t.test('kill -9 of the holder releases it', async (t) => {
  const directory = t.testdir();
  const script = `import { acquireDirectoryLock } from ${JSON.stringify(new URL('./directory-lock.ts', import.meta.url).href)};
    await acquireDirectoryLock(${JSON.stringify(directory)}); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await t.rejects(acquireDirectoryLock(directory), { code: 'CT_LOCKED' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (await acquireDirectoryLock(directory)).release();
});
