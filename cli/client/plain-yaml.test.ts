// The short reader and the yaml package must agree on everything the short reader claims to understand.
import fc from 'fast-check';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { toYaml } from '../heavy/yaml.js';
import { readPlainYaml } from './plain-yaml.js';

t.test('what this program writes is plain', async (t) => {
  const config = {
    apiVersion: 'config.cloudtask.dev/v1',
    kind: 'Config',
    'current-context': 'prod',
    servers: [
      { name: 'prod', server: 'https://ctask.example.com:7070' },
      { name: 'two', servers: ['a', 'b'] },
    ],
    users: [{ name: 'viewer', user: { 'token-file': '/home/v/.config/ctask/token' } }],
    contexts: [{ name: 'prod', context: { server: 'prod', user: 'viewer', namespace: 'billing' } }],
  };
  t.same(readPlainYaml(toYaml(config)), config);
  t.same(readPlainYaml(stringify(config)), config);
});

t.test('comments on their own line and empty lines do not matter', async (t) => {
  t.same(readPlainYaml('# hello\n\na: 1\n# there\nb:\n  c: "x y"\n  d: []\n'), { a: 1, b: { c: 'x y', d: [] } });
  t.equal(readPlainYaml('# nothing\n'), null);
});

t.test('what is not surely plain is left to the package', async (t) => {
  const refused = [
    'a: {b: c}',
    'a: |\n  text',
    'a: b # comment',
    'a: &x b',
    'a: *x',
    '"a": b',
    'a: b: c',
    'a: 0x10',
    'a: 1.5',
    'a: ~',
    'a: True',
    'a: "\\n"',
    'a: b\n  c',
    'a:\n  b\n',
    '- a\n- b: c\n d: e',
    'a: 1\na: 2',
    '---\na: 1',
    'a:\tb',
    '? a\n: b',
    'a: 2026-01-01',
  ];
  for (const text of refused) t.equal(readPlainYaml(text), undefined, JSON.stringify(text));
});

t.test('whatever it understands, the package understands the same way', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      'a',
      'b-c',
      'https://x:1',
      'yes',
      'true',
      '1',
      '01',
      '-1',
      '0',
      "'q'",
      '"q"',
      '"',
      "it's",
      'a:',
      'x #y',
      '',
      '- z',
      '~',
      '.5',
      '=',
      '<<',
      'a b',
      '!t',
      '@a',
      '%a',
      '`',
      '#',
    ),
    fc.string({ maxLength: 6 }),
  );
  const line = fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom('', '- ', '-  '),
    fc.constantFrom('', 'k: ', 'key:', 'x-y: ', 'k:'),
    word,
  );
  const text = fc
    .array(line, { maxLength: 6 })
    .map((lines) => lines.map(([n, dash, key, value]) => ' '.repeat(n) + dash + key + value).join('\n'));
  fc.assert(
    fc.property(text, (source) => {
      const ours = readPlainYaml(source);
      return ours === undefined || JSON.stringify(ours) === JSON.stringify(parse(source));
    }),
    { numRuns: 5000 },
  );
});
