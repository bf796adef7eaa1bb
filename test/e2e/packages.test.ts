// A package as a user has it: uploaded, run, upgraded, and taken back, with programs in three languages.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { removeTree } from '../../agent/index.js';
import type { AnyObject } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const hasPython = spawnSync('python3', ['--version']).status === 0;

const PYTHON = 'import helper\nprint("python", helper.VERSION)\n';
const BASH = '#!/bin/bash\necho "bash $(cat "$CTASK_PACKAGE_DIR/version")"\n';
const compiled = (version: number) => `#include <stdio.h>\nint main(void) { puts("compiled ${version}"); return 0; }\n`;

function writePackage(directory: string, version: number): void {
  mkdirSync(join(directory, 'bin'), { recursive: true });
  writeFileSync(join(directory, 'version'), String(version));
  writeFileSync(join(directory, 'main.py'), PYTHON);
  writeFileSync(join(directory, 'helper.py'), `VERSION = ${version}\n`);
  writeFileSync(join(directory, 'bin/run.sh'), BASH);
  chmodSync(join(directory, 'bin/run.sh'), 0o755);
  if (hasCompiler)
    execFileSync('cc', ['-x', 'c', '-o', join(directory, 'bin/program'), '-'], { input: compiled(version) });
}

const task = (name: string, run: object) =>
  JSON.stringify({ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name }, spec: { run } });

t.test('upload, run, upgrade, undo', { timeout: 300_000 }, async (t) => {
  const user = new User();
  const up = await startUp(user);
  t.teardown(async () => {
    await up.end('SIGINT');
    await removeTree(join(user.home, 'up'));
    await user.go();
  });
  const source = join(user.home, 'source');
  const upload = (version: number) => {
    writePackage(source, version);
    return user.ok(['create', 'package', 'tool', '--from', source]);
  };
  const programs: Record<string, { run: object; isThere: boolean }> = {
    python: { run: { command: ['python3', 'main.py'], workingDir: '.' }, isThere: hasPython },
    bash: { run: { command: ['bin/run.sh'] }, isThere: true },
    compiled: { run: { command: ['./bin/program'] }, isThere: hasCompiler },
  };
  const apply = (name: string, digest?: string) =>
    user.ok(['apply', '-f', '-'], {
      input: task(name, {
        ...programs[name]!.run,
        package: { name: 'tool', ...(digest === undefined ? {} : { digest }) },
      }),
    });
  const current = async () => (await user.json<{ spec: { digest: string } }>(['get', 'package', 'tool'])).spec.digest;
  const says = (name: string) => user.ok(['run', name, '-f']);

  t.match(await upload(1), /version 1/);
  const first = await current();
  for (const [name, { isThere }] of Object.entries(programs)) {
    if (!isThere) {
      t.pass(name, { skip: 'this machine has nothing that runs or makes it' });
      continue;
    }
    await apply(name);
    t.match(await says(name), new RegExp(`^${name} 1$`, 'm'), `${name} runs`);
  }
  t.match(await upload(2), /version 2/);
  const second = await current();
  t.not(first, second);
  t.match(await says('bash'), /^bash 1$/m, 'uploading changes no task');
  const stored = await user.json<AnyObject>(['get', 'task', 'bash']);
  t.match(stored, { spec: { run: { package: { name: 'tool', digest: first } } } });
  for (const [name, { isThere }] of Object.entries(programs)) {
    if (!isThere) continue;
    await apply(name, second);
    t.match(await says(name), new RegExp(`^${name} 2$`, 'm'), `${name} is upgraded`);
    await user.ok(['rollout', 'undo', `task/${name}`]);
    t.match(await says(name), new RegExp(`^${name} 1$`, 'm'), `${name} is as it was`);
  }
});
