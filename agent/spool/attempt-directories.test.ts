import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { abortLaunch, createMarker } from '../runner/attempt-files.js';
import { AttemptDirectories } from './attempt-directories.js';

t.test('in a directory that is being removed nobody wins the marker any more', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ctask-attempts-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const directories = new AttemptDirectories(root, systemClock, silentLogger);
  const directory = directories.make(AttemptDirectories.relative('abc', 1));
  writeFileSync(join(directory, 'work', 'left'), ''); // so that the removal takes two steps
  t.equal(abortLaunch(directory), 'aborted');
  directories.remove(directory);
  directories.stop();
  t.throws(() => createMarker(directory, {}), { code: 'ENOENT' }, 'a runner that holds the launch finds nothing');
});

t.test('what an earlier process was removing is removed, and never taken for an attempt', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ctask-attempts-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const directories = new AttemptDirectories(root, systemClock, silentLogger);
  const bucket = dirname(directories.make(AttemptDirectories.relative('abc', 2, 1)));
  directories.make(join('attempts', 'ab', 'removed.1'));
  t.match(await directories.leftBehind(), [{ runUid: 'abc', attempt: 2 }]);
  t.equal((await directories.leftBehind()).length, 1);
  directories.stop();
  t.strictSame(readdirSync(bucket), ['abc.2.1']);
});
