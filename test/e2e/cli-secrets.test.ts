// ctask takes values of secrets and shows none, whatever it is asked for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const VALUE = 'hunter2-is-no-password';
const OTHER = 'correct-horse-battery';

t.test('secrets on the command line', async (t) => {
  const { user } = await startCliWorld(t);
  const file = (name: string) => join(user.home, name);
  writeFileSync(file('url.txt'), VALUE);
  writeFileSync(file('mail.env'), `# mail\nUSER=ann\nPASSWORD=${VALUE}\n`);
  const shown: string[] = [];
  const ask = async (...args: Parameters<typeof user.type>) => {
    const result = await user.type(...args);
    shown.push(result.stdout + result.stderr);
    return result;
  };
  t.match(await ask(`create secret db --from-file url=${file('url.txt')} --from-literal user=ann`), {
    ...{ code: 0, stdout: 'secret.cloudtask.dev/db created\n', stderr: '' },
  });
  t.match(await ask(`create secret mail --from-env-file ${file('mail.env')}`), { code: 0 });
  t.match(await ask('get secrets'), { stdout: /NAME +KEYS +AGE\ndb +2 .*\nmail +2 / });
  t.match(await ask('describe secret db'), { stdout: /Data:\n +Key +Mark\n +url +sealed:/ });
  const { stdout: yaml } = await ask('get secret db -o yaml');
  t.match(await ask('apply -f -', { input: yaml }), { code: 0, stdout: /unchanged/ });
  const manifest = (value: string) =>
    `apiVersion: cloudtask.dev/v1\nkind: Secret\nmetadata: {name: db}\nspec: {stringData: {url: "${value}", user: ann}}\n`;
  writeFileSync(file('db.yaml'), manifest(VALUE));
  t.match(await ask(`diff -f ${file('db.yaml')}`), { code: 0 });
  writeFileSync(file('db.yaml'), manifest(OTHER));
  t.match(await ask(`diff -f ${file('db.yaml')}`), { code: 1, stdout: /-.*url: sealed:.*\n.*\+.*url: sealed:/ });
  t.match(await ask(`apply -f ${file('db.yaml')} -v=9`), { code: 0, stderr: /not shown/ });
  t.match(await ask(`create secret x --from-literal a=${VALUE} -v=9`), { code: 0, stderr: /not shown/ });
  t.match(await ask('audit writes secret/db'), { code: 0 });
  t.match(await ask('export secrets'), { code: 0, stdout: /kind: Secret/ });

  writeFileSync(file('bad.yaml'), `${manifest(VALUE)}  oops: {a: "${VALUE}"}\n`);
  t.match(await ask(`apply -f ${file('bad.yaml')}`), { code: 7, stderr: /bad\.yaml:\d+:\d+: error/ });
  t.match(await ask(`create secret y --from-literal ${VALUE}`), { code: 2, stderr: /not of the form KEY=VALUE/ });
  t.match(await ask(`create secret y --from-literal a=${VALUE} --from-literal a=b`), {
    code: 2,
    stderr: /more than once/,
  });
  for (const text of shown) {
    const forms = [VALUE, OTHER].flatMap((value) => [value, Buffer.from(value).toString('base64')]);
    for (const form of forms) t.notOk(text.includes(form), text.slice(0, 100));
  }
});
