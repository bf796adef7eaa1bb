import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { findPlugin, listPlugins } from './find-plugins.js';

const host = (root: string, platform: NodeJS.Platform = 'linux') => ({
  env: { PATH: [join(root, 'one'), join(root, 'nope'), join(root, 'two')].join(delimiter) },
  platform,
});

function program(root: string, directory: string, name: string, mode = 0o755): string {
  mkdirSync(join(root, directory), { recursive: true });
  const file = join(root, directory, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, mode);
  return file;
}

t.test('C-85: the longest name wins, the first directory of PATH wins, flags end the name', async (t) => {
  const root = t.testdir();
  const foo = program(root, 'one', 'ctask-foo');
  program(root, 'two', 'ctask-foo');
  const bar = program(root, 'two', 'ctask-foo-bar_baz');
  program(root, 'one', 'ctask-plain', 0o644);
  t.same(findPlugin(['foo'], host(root)), { file: foo, words: 1 });
  t.same(findPlugin(['foo', 'x', '--y'], host(root)), { file: foo, words: 1 });
  t.same(findPlugin(['foo', 'bar-baz', 'x'], host(root)), { file: bar, words: 2 });
  t.same(findPlugin(['foo', '-v', 'bar-baz'], host(root)), { file: foo, words: 1 });
  for (const words of [['plain'], ['nope'], ['--foo'], ['../foo'], []])
    t.equal(findPlugin(words, host(root)), undefined);
  t.match(
    listPlugins(host(root), (verb) => verb === 'foo').map(({ name, warnings }) => [name, ...warnings]),
    [
      ['ctask-foo', /overwrites existing command: "ctask foo"/],
      ['ctask-plain', /not executable/],
      ['ctask-foo', /overshadowed by a similarly named plugin: .*one.ctask-foo$/, /overwrites/],
      ['ctask-foo-bar_baz', /overwrites/],
    ],
  );
});
