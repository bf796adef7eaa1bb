import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { CliUser } from '../../test/support/cli-terminal.js';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

function compiled(text: string): ValidateFunction {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
  for (const name of ['date-time', 'date']) ajv.addFormat(name, true);
  return ajv.compile(JSON.parse(text));
}

t.test('A-50, A-52: one schema that other validators read', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const { code, stdout } = await user.type('schema', { env: { CTASK_SERVER: 'http://127.0.0.1:1' } });
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' });
  const validate = compiled(stdout);
  for (const file of readdirSync(examples, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.yaml')) continue;
    for (const document of parseAllDocuments(readFileSync(join(examples, file), 'utf8'))) {
      const value: unknown = document.toJS();
      if ((value as { apiVersion?: string } | null)?.apiVersion !== 'cloudtask.dev/v1') continue;
      t.ok(validate(value), `${file}: ${JSON.stringify(validate.errors)}`);
      t.notOk(validate({ ...(value as object), spek: {} }), `${file} with a typing error`);
    }
  }
  const one = compiled((await user.type('schema ns')).stdout);
  t.ok(one({ apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'a' }, spec: {} }));
  t.notOk(one({ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'a' }, spec: {} }));
  t.match(await user.type('schema tsk'), { code: 2, stderr: /Did you mean this\?\n\ttask\n/ });
});

t.test('A-51: the line that tells editors', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const file = join(user.home, 'task.yaml');
  writeFileSync(file, '# mine\nkind: Task\n');
  chmodSync(file, 0o640);
  t.match(await user.run(['schema', '--modeline', file]), { code: 0, stdout: `${file} configured\n` });
  const line = '# yaml-language-server: $schema=https://cloudtask.dev/schemas/v1/ctask.schema.json\n';
  t.equal(readFileSync(file, 'utf8'), `${line}# mine\nkind: Task\n`);
  t.match(await user.run(['schema', '--modeline', file]), { code: 0, stdout: `${file} unchanged\n` });
  await user.run(['schema', '--modeline', file, '--location', '../ctask.schema.json']);
  t.match(readFileSync(file, 'utf8'), /^# yaml-language-server: \$schema=\.\.\/ctask\.schema\.json\n# mine\n/);
  t.equal(statSync(file).mode & 0o777, 0o640, 'who may read it stays');
  t.match(await user.type('schema --modeline /nope.yaml'), { code: 2, stderr: /ENOENT/ });
  t.match(await user.type('schema task --modeline x'), { code: 2 });
  t.match(await user.type('schema --location x'), { code: 2 });
});
