// Users, roles and tokens from the command line, against the real API; and the first log-in of an installation that `ctask up` starts.
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';
import { startUp, User } from '../support/ctask.js';
import { HELLO } from '../support/hello-manifests.js';

t.test('users with roles, and what they may (C-15, C-78)', async (t) => {
  const { user } = await startCliWorld(t);
  const created = (line: string, name: string) =>
    user.type(line).then((out) => t.match(out, { code: 0, stdout: `${name} created\n` }));
  await user.type('apply -f -', { input: HELLO });
  await created('create user ann --display-name Ann', 'user.cloudtask.dev/ann');
  await created('create group ops --member ann', 'group.cloudtask.dev/ops');
  await created('create serviceaccount ci', 'serviceaccount.cloudtask.dev/ci');
  await created('create role starter --verb get,list,watch,run --kind Task,Run', 'role.cloudtask.dev/starter');
  await created(
    'create rolebinding ops --role starter --group ops --serviceaccount ci',
    'rolebinding.cloudtask.dev/ops',
  );
  t.match(await user.type('create role odd --verb runn --kind Task'), {
    code: 7,
    stderr: /spec\.rules\[0\]\.verbs\[0\]: Invalid value: "runn": there is no verb "runn"; did you mean "run"/,
  });
  t.match(await user.type('create rolebinding odd --role none --user ann'), { code: 5 });
  t.match(await user.type('create rolebinding odd --role viewer'), { code: 2, stderr: /nobody is given the role/ });
  t.match(
    (await user.type('get roles')).stdout,
    /^NAME +RULES +AGE\nadmin +1 .*\neditor +3 .*\noperator +2 .*\nstarter +1 .*\nviewer +1 /,
  );
  t.match(
    (await user.type('get rolebindings')).stdout,
    /^NAME +ROLE +SUBJECTS +AGE\nops +starter +group\/ops,serviceaccount\/ci /,
  );

  const made = await user.type('create token --user ann --expires 30d --description laptop');
  t.match(made, { code: 0, stdout: /^ctk_[\w-]{43}\n$/, stderr: /^token\.cloudtask\.dev\/ann-[0-9a-f]{8} created\n$/ });
  const ann = (line: string) => user.run([...line.split(' '), '--token', made.stdout.trim()]);
  t.match((await user.type('get tokens')).stdout, /^NAME +OWNER +EXPIRES +AGE\nann-\w+ +user\/ann +(30d|29d\S*) /);
  t.match(await ann('auth whoami'), { code: 0, stdout: /Username +ann\nUID +\S+\nGroups +\[ops\]\n/ });
  t.match(await ann('get tasks -o name'), { code: 0, stdout: 'task.cloudtask.dev/hello\n' });
  t.match(await ann('get tasks -A -o name'), { code: 0, stdout: 'task.cloudtask.dev/hello\n' });
  t.match(await ann('run hello'), { code: 0 });
  t.match(await ann('delete task hello -y'), {
    code: 4,
    stderr: /Error from server \(Forbidden\): "ann" may not delete tasks in namespace "default"/,
  });
  t.match(await ann('get users'), { code: 4 });
  t.match(await ann('auth can-i run task/hello'), { code: 0, stdout: 'yes\n' });
  t.match(await ann('auth can-i run tasks -A'), { code: 1, stdout: 'no - "ann" may not run tasks\n' });
  t.match(await ann('auth can-i run tasks -n other'), { code: 1 });
  t.match((await ann('auth can-i --list')).stdout, /tasks\.cloudtask\.dev +\[\] +\[get list run watch\]/);
  t.match(await user.type('auth can-i delete tasks --as ann'), { code: 1 });
  t.match(await user.type('get tasks --as ann -o name'), { code: 0, stdout: 'task.cloudtask.dev/hello\n' });

  const name = (await user.type('get tokens -o name')).stdout.trim();
  t.match(await user.run(['delete', name, '-y']), { code: 0 });
  t.match(await ann('get tasks'), { code: 4 }, 'revoked');

  const password = { input: 'correct horse battery\n' };
  t.match(await user.type('create user ben --password-stdin', password), { code: 0 });
  t.match(await user.type('create user eve --password-stdin', { input: 'short\n' }), {
    ...{ code: 2, stdout: '', stderr: /a password has 15 to 1024 characters; this one has 5/ },
  });
  t.match(await user.type('get user eve'), { code: 5 }, 'nothing half done');
  t.match(await user.type('auth set-password ben --password-stdin', { input: 'short\n' }), {
    code: 2,
    stderr: /15 to 1024 characters/,
  });
  t.match(await user.type('auth set-password ben --password-stdin', password), {
    code: 0,
    stdout: 'user.cloudtask.dev/ben password set\n',
  });
  t.match(await user.type('auth set-password nobody --password-stdin', password), { code: 5 });
  t.notMatch((await user.type('get users -o yaml')).stdout, /password|scrypt|horse/);
  t.match(await user.type('audit writes --verb password'), { code: 0, stdout: /password/ });
});

t.test('the first log-in of an installation', { timeout: 180_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const up = await startUp(user);
  const password = /First log-in at http:\S+: user admin, one-time password (\S{43})\n/.exec(up.stdout)?.[1] ?? '';
  const post = async (path: string, body: object, cookie = '') => {
    const headers = {
      'content-type': 'application/json',
      'x-ctask-console': '1',
      'sec-fetch-site': 'same-origin',
      cookie,
    };
    const answer = await fetch(`${up.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    await answer.text();
    return { status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '' };
  };
  const first = await post('/auth/login', { username: 'admin', password });
  t.equal(first.status, 200);
  const tasks = (cookie: string) =>
    fetch(`${up.url}/apis/cloudtask.dev/v1/tasks`, { headers: { cookie } }).then(({ status }) => status);
  t.equal(await tasks(first.cookie), 403, 'nothing before there is a password of their own');
  const changed = await post('/auth/password', { current: password, new: 'correct horse battery' }, first.cookie);
  t.equal(changed.status, 204);
  t.equal(await tasks(changed.cookie), 200);
  t.equal((await post('/auth/login', { username: 'admin', password })).status, 401, 'it was for one time');
  t.match(await user.ok(['get', 'clusterrolebindings']), /administrators +admin +user\/admin/);
  t.equal(await tasks(''), 401, 'no guests unless asked for');
  await up.end('SIGINT');
  t.match(await user.ctask(['up', '--guest', 'admin']), { code: 2, stderr: /guests can be nothing but viewer/ });
  for (const [flag, value] of [
    ['notify-allow', 'http://x'],
    ['external-url', 'http:/x'],
  ] as const) {
    const key = flag.replace(/-(.)/, (_, letter: string) => letter.toUpperCase());
    const said = new RegExp(`^error: ${key}: "${value}": `);
    for (const what of ['up', 'center'])
      t.match(await user.ctask([what, '--port', '0', `--${flag}`, value]), { code: 2, stdout: '', stderr: said }, what);
  }
  const again = await startUp(user, ['--guest', 'viewer']);
  t.notMatch(again.stdout, /First log-in/);
  const guest = (method: string, path: string) =>
    fetch(`${again.url}/apis/cloudtask.dev/v1/${path}`, { method }).then(({ status }) => status);
  t.equal(await guest('GET', 'tasks'), 200, 'guests read');
  t.equal(await guest('DELETE', 'namespaces/default/tasks/x'), 403, 'and do nothing else');
  await again.end('SIGINT');
});
