import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeFileDurably } from './durable-file.js';

t.test('replaces the content whole, private by default, and leaves nothing beside it', async (t) => {
  const directory = t.testdir({ 'a.json': 'old' });
  const path = join(directory, 'a.json');
  await writeFileDurably(path, 'new');
  t.equal(readFileSync(path, 'utf8'), 'new');
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600);
  t.same(readdirSync(directory), ['a.json']);
});

t.test('a failed write leaves the old content and no temporary file', async (t) => {
  const directory = t.testdir({ target: { inside: 'x' } });
  await t.rejects(writeFileDurably(join(directory, 'target'), 'new'));
  t.same(readdirSync(directory), ['target']);
});
