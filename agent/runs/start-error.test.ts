import t from 'tap';
import type { OpenRun } from './open-run.js';
import { startErrorMessage } from './start-error.js';

const run = (spec: object) => ({ task: { task: { spec: { run: spec } } } }) as unknown as OpenRun;

t.test('a program without a path was looked for in PATH', async (t) => {
  const say = (command: string, extra: object = {}) =>
    startErrorMessage(run({ command: [command], ...extra }), 'ENOENT', `spawn ${command} ENOENT`);
  t.equal(say('reprot'), 'reprot: not found in PATH (ENOENT)');
  t.equal(say('/opt/reprot'), '/opt/reprot: no such file or directory (ENOENT)');
  t.equal(
    say('sh', { workingDir: '/no' }),
    'sh: not found in PATH, or the fault is with its working directory /no (ENOENT)',
  );
  t.equal(startErrorMessage(run({ command: ['x'] }), 'EACCES', 'spawn x EACCES'), 'x: permission denied (EACCES)');
});

t.test('a code stands before a message at most once, and never one of our own', async (t) => {
  const say = (code: string, message: string) => startErrorMessage(run({ command: ['x'] }), code, message);
  t.equal(say('CT_NOT_FOUND', 'Secret default/db: not found'), 'Secret default/db: not found');
  t.equal(say('ENOSPC', 'ENOSPC: no space left on device, write'), 'ENOSPC: no space left on device, write');
  t.equal(say('Package', 'it is not there'), 'Package: it is not there');
});
