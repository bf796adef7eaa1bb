import t from 'tap';
import { Rights, type Rule } from './rights.js';

/** A center whose rules change. */
function world(rules: Record<string, readonly Rule[] | undefined>) {
  const asked: string[] = [];
  let changes = 0;
  const rights = new Rights(
    async (namespace = '') => {
      asked.push(namespace);
      const answer = rules[namespace];
      if (answer === undefined) throw new Error('away');
      return answer;
    },
    () => {
      changes += 1;
    },
  );
  const change = () => new Promise<void>((resolve) => rights.subscribe(resolve));
  return { rights, asked, change, changes: () => changes };
}

const runs: Rule = { resources: ['tasks'], verbs: ['list', 'run'] };
const reads: Rule = { resources: ['tasks'], verbs: ['list'] };

t.test('each namespace is asked about once, and nothing is allowed before the answer', async (t) => {
  const { rights, asked, change, changes } = world({ '': [reads], a: [runs], b: [reads] });
  const run = { verb: 'run', plural: 'tasks' };
  const known = change();
  t.same(rights.of({ ...run, namespace: 'a' }), { allowed: false });
  t.same(rights.of({ ...run, namespace: 'a' }), { allowed: false });
  await known;
  t.same(rights.of({ ...run, namespace: 'a' }), { allowed: true });
  rights.of({ ...run, namespace: 'b' });
  await rights.renew();
  t.same(rights.of({ ...run, namespace: 'b' }), {
    allowed: false,
    reason: 'Your roles do not let you run tasks in b',
  });
  t.same(asked, ['a', 'b', 'a', 'b']);
  rights.of(run);
  await rights.renew();
  t.match(rights.of({ verb: 'password', plural: 'users' }), {
    reason: 'Your roles do not let you set passwords of users',
  });
  t.equal(changes(), 0, 'what is known at first is no change');
});

t.test('what is given and taken is noticed, what stays is not', async (t) => {
  const rules: Record<string, readonly Rule[] | undefined> = { '': [reads] };
  const { rights, change, changes } = world(rules);
  const run = { verb: 'run', plural: 'tasks' };
  const known = change();
  rights.of(run);
  await known;
  const version = rights.version();
  await rights.renew();
  t.equal(rights.version(), version, 'no page is drawn anew for the same rules');
  rules[''] = [runs];
  await rights.renew();
  t.ok(rights.of(run).allowed);
  rules[''] = undefined;
  await rights.renew();
  t.ok(rights.of(run).allowed, 'without an answer what is known stays');
  rules[''] = [reads];
  await rights.renew();
  t.notOk(rights.of(run).allowed);
  t.equal(changes(), 2);
});

t.test('a center that does not say decides itself; the next user begins with nothing', async (t) => {
  const rules: Record<string, readonly Rule[] | undefined> = {};
  const { rights, change } = world(rules);
  const run = { verb: 'run', plural: 'tasks' };
  const unknown = change();
  rights.of(run);
  await unknown;
  t.ok(rights.of(run).allowed, 'a button that may do nothing is better than none');
  rules[''] = [reads];
  rights.forget();
  t.same(rights.of(run), { allowed: false });
  await rights.renew();
  t.match(rights.of(run), { allowed: false, reason: /run tasks/ });
});
