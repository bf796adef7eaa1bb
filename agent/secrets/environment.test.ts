import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { taskEnvironment } from './environment.js';
import type { SecretData } from './secret-cache.js';

const task = (run: object) => ({ metadata: { name: 't', namespace: 'default' }, spec: { run } }) as unknown as Task;

const known: Record<string, SecretData> = {
  'default/db': { url: 'u1', password: 'p1' },
  'default/odd': { 'db.url': 'x' },
  'default/bad': { CTASK_RUN_ID: 'x' },
  'other/db': { url: 'not this one' },
};
const secrets = {
  get: (namespace: string, name: string) => known[`${namespace}/${name}`],
  isMissing: (_namespace: string, name: string) => name === 'gone',
};

t.test('variables of a task', async (t) => {
  const run = {
    envFrom: [{ secret: 'db' }, { secret: 'db', prefix: 'DB_' }],
    env: [
      { name: 'MODE', value: 'full' },
      { name: 'password', value: 'mine' },
      { name: 'URL', valueFrom: { secret: 'db', key: 'url' } },
    ],
  };
  t.same(taskEnvironment(task(run), secrets), {
    env: { url: 'u1', password: 'mine', DB_url: 'u1', DB_password: 'p1', MODE: 'full', URL: 'u1' },
    secret: ['u1', 'p1'],
  });
  t.same(taskEnvironment(task({ command: ['true'] }), secrets), { env: {}, secret: [] });
  const cases: [run: object, said: RegExp][] = [
    [{ envFrom: [{ secret: 'gone' }] }, /Secret default\/gone: not found; spec\.run\.envFrom\[0\] names it/],
    [{ envFrom: [{ secret: 'new' }] }, /Secret default\/new: this agent has not got it from the center so far/],
    [{ env: [{ name: 'A', valueFrom: { secret: 'db', key: 'uri' } }] }, /has no key "uri", which variable A is to be/],
    [{ env: [{ name: 'A', valueFrom: { secret: 'db', key: 'toString' } }] }, /has no key "toString"/],
    [{ envFrom: [{ secret: 'odd' }] }, /"db\.url" cannot be the name of an environment variable/],
    [{ envFrom: [{ secret: 'bad' }] }, /"CTASK_RUN_ID" cannot be the name/],
  ];
  for (const [wrong, said] of cases) t.throws(() => taskEnvironment(task(wrong), secrets), { message: said });
});
