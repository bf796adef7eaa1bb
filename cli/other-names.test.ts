import t from 'tap';
import { kinds } from '../manifests/index.js';
import { CliUser } from '../test/support/cli-terminal.js';
import { createDeps } from './create-deps.js';
import { findCommand } from './find-command.js';
import type { Host } from './host.js';
import { otherKinds, otherNames } from './other-names.js';
import { buildProgram } from './program.js';

t.test('verbs of other programs are suggestions, and none hides a command', async (t) => {
  const program = await buildProgram(createDeps({ env: {}, version: '0' } as unknown as Host));
  const user = new CliUser();
  t.teardown(() => user.go());
  for (const [word, verb] of Object.entries(otherNames)) {
    t.equal(findCommand(program, [word]), undefined, word);
    t.ok(findCommand(program, verb.split(' ').slice(0, 1)), verb);
  }
  const { code, stderr } = await user.type('stop hello');
  t.equal(code, 2);
  t.match(stderr, 'error: unknown command "stop" for "ctask"\n\nDid you mean this?\n\tcancel\n');
});

t.test('kinds of Kubernetes stand for kinds that exist (C-34)', async (t) => {
  const plurals = new Set(kinds.map(({ plural }) => plural));
  for (const [word, kind] of Object.entries(otherKinds)) t.ok(plurals.has(kind), `${word}: ${kind}`);
});

t.test('a command that needs another one shows its help and ends with 2', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const { code, stderr } = await user.type('rollout');
  t.equal(code, 2);
  t.match(stderr, 'Usage: ctask rollout');
});
