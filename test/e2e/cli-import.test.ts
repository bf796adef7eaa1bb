// Jobs with uploaded files: what the import says is typed as it stands, and then apply takes the tasks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { tarGz } from '../support/archives.js';
import { startCliWorld } from '../support/cli-world.js';
import { repository } from '../support/ctask.js';

t.test('jobs of CloudTask 2 with their files', async (t) => {
  const { user } = await startCliWorld(t);
  const { code, stdout, stderr } = await user.type(
    `import cloudtask --timezone Europe/Berlin ${join(repository, 'examples/import/cloudtask-2.export')}`,
  );
  t.equal(code, 0, stderr);
  const commands = stderr.split('\n').filter((line) => line.startsWith('ctask '));
  t.equal(commands.length, 2, stderr);
  t.match(await user.type('apply -f -', { input: stdout }), { code: 7, stderr: /poll/ }, 'not without the package');
  const upload = join(user.home, 'poll-2018-03-19_10-00-00.tar.gz');
  writeFileSync(upload, tarGz([{ name: 'poll.sh', mode: 0o755, content: '#!/bin/sh\necho polled\n' }]));
  for (const command of commands) {
    const typed = command.replace(/^ctask /, '').replace(/--from \S+/, `--from ${upload}`);
    t.match(await user.type(typed), { code: 0 }, command);
  }
  t.match(await user.type('apply -f -', { input: stdout }), { code: 0 });
  const task = JSON.parse((await user.type('get task poll -n billing -o json')).stdout) as Task;
  t.match(task.spec.run, { package: { name: 'poll', digest: /^sha256:/ }, workingDir: '.' });
});
