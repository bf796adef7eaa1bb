import t from 'tap';
import { normalizeArgv, verbOf } from './argv.js';

t.test('-o=json is two arguments, but not after --', async (t) => {
  t.same(normalizeArgv(['get', '-o=json', '-n=x', '--a=b', '--', '-o=json']), [
    'get',
    '-o',
    'json',
    '-n',
    'x',
    '--a=b',
    '--',
    '-o=json',
  ]);
});

t.test('--v=6 is -v 6, and -w=false stays one argument', async (t) => {
  t.same(normalizeArgv(['get', '--v=6', '-w=false', '-l=w=false']), ['get', '-v', '6', '-w=false', '-l', 'w=false']);
});

t.test('the verb is found behind global flags (C-87)', async (t) => {
  const table: [string[], string | undefined][] = [
    [['get', 'tasks'], 'get'],
    [['-n', 'billing', 'get'], 'get'],
    [['--namespace=billing', 'up'], 'up'],
    [['--context', 'up', 'get'], 'get'],
    [['--insecure-skip-tls-verify', 'get'], 'get'],
    [['help', 'up'], 'up'],
    [['help'], 'help'],
    [['--help'], undefined],
    [[], undefined],
  ];
  for (const [argv, verb] of table) t.equal(verbOf(argv), verb, argv.join(' '));
});

t.test('--user is of the kind that is created for somebody, and of the configuration elsewhere', async (t) => {
  const create = ['create', 'token', '--user', 'ann'];
  t.same(normalizeArgv(['--user', 'me', ...create]), ['--user', 'me', 'create', 'token', '--for-user', 'ann']);
  t.same(normalizeArgv(['create', 'rolebinding', 'x', '--user=ann']), ['create', 'rolebinding', 'x', '--for-user=ann']);
  t.same(normalizeArgv(['get', 'token', '--user', 'me']), ['get', 'token', '--user', 'me']);
});
