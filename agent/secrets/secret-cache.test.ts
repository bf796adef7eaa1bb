import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { API, startApi, type TestApi, taskManifest } from '../../test/support/api.js';
import { CenterClient } from '../center-client/center-client.js';
import { FORMER_VALUES_MAX, FormerValues } from './former-values.js';
import { MASKED_MAX_BYTES } from './mask.js';
import { SealedFiles } from './sealed-files.js';
import { SecretCache } from './secret-cache.js';

const never = new AbortController().signal;
const secret = (url: string) => ({
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Secret', metadata: { name: 'db', namespace: 'default' } },
  spec: { stringData: { url } },
});

async function openCache(t: Test, dataDir: string, api: TestApi): Promise<SecretCache> {
  const client = new CenterClient({ agent: 'eu-1', urls: [api.url], token: () => api.agentToken });
  const files = new SealedFiles(dataDir);
  const cache = new SecretCache({ files, client, clock: systemClock, log: silentLogger });
  await cache.open();
  t.teardown(async () => {
    await cache.stop();
    await client.close();
  });
  return cache;
}

t.test('secrets of tasks are kept, sealed, and forgotten with the last task that names them', async (t) => {
  const root = t.testdir({ center: {}, agent: {} });
  const api = await startApi(t, { dataDir: join(root, 'center') });
  const dataDir = join(root, 'agent');
  const body = { cluster: 'default', labels: {} };
  await api.request('PUT', `${API}/agents/eu-1/status`, { token: api.agentToken, body });
  const env = [{ name: 'DB', valueFrom: { secret: 'db', key: 'url' } }];
  const manifest = (name: string) => taskManifest(name, { spec: { run: { command: ['true'], env } } });
  const [one, two] = (await api.apply(manifest('one'), manifest('two'))) as Task[];
  const cache = await openCache(t, dataDir, api);
  await cache.fetch([one!, two!], never);
  t.equal(cache.get('default', 'db'), undefined);
  t.ok(cache.isMissing('default', 'db'));
  t.notOk(cache.has(one!));

  await api.apply(secret('hunter2-hunter2'));
  await cache.fetch([one!], never);
  t.same(cache.get('default', 'db'), { url: 'hunter2-hunter2' });
  t.ok(cache.has(one!) && !cache.isMissing('default', 'db'));

  await api.apply(secret('changed-changed'));
  await cache.changed('default', 'another');
  t.same(cache.get('default', 'db'), { url: 'hunter2-hunter2' }, 'what nobody here names is not asked for');
  await cache.changed('default', 'db');
  t.same(cache.get('default', 'db'), { url: 'changed-changed' });
  t.same(cache.everKnown(), ['changed-changed', 'hunter2-hunter2'], 'lines of the log may still hold the old one');
  await cache.stop();

  const files = readdirSync(join(dataDir, 'secrets')).map((name) => join(dataDir, 'secrets', name));
  t.equal(files.length, 2);
  for (const file of files) {
    t.equal(statSync(file).mode & 0o777, 0o600, file);
    t.notMatch(readFileSync(file, 'utf8'), /hunter2|changed/);
  }

  const next = await openCache(t, dataDir, api);
  t.same(next.get('default', 'db'), { url: 'changed-changed' }, 'known after a restart, without the center');
  t.ok(next.has(two!));
  next.keep(new Set([two!.metadata.uid!]));
  t.ok(next.get('default', 'db'));
  next.keep(new Set());
  t.equal(next.get('default', 'db'), undefined);
  t.same(next.everKnown(), ['changed-changed'], 'not forgotten for the log');

  writeFileSync(join(dataDir, 'secrets', 'key'), 'damaged');
  const damaged = await openCache(t, dataDir, api);
  t.equal(damaged.get('default', 'db'), undefined, 'fetched again');
  await damaged.fetch([one!], never);
  t.same(damaged.get('default', 'db'), { url: 'changed-changed' });
});

t.test('former values are remembered until they are too many', async (t) => {
  const many = Array.from({ length: FORMER_VALUES_MAX }, (_, n) => `value ${n}`);
  const former = new FormerValues();
  former.add(['abc', ...many, ...many]);
  t.same(former.all(), many, 'each once, and none that is not looked for');
  former.add(['one more']);
  t.equal(former.all(), undefined, 'by their number');
  former.add(['later']);
  t.equal(former.all(), undefined, 'for good');
  const large = new FormerValues();
  large.add(['x'.repeat(MASKED_MAX_BYTES)]);
  t.equal(large.all()?.length, 1);
  large.add(['four']);
  t.equal(large.all(), undefined, 'by their size');
});
