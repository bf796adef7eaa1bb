// The conventions of the protocol: paths, discovery, statuses, lists, dry runs, warnings (docs/kubectl-rows.md names the rows).
import t from 'tap';
import { CloudTaskError, silentLogger, systemClock } from '../../base/index.js';
import { kinds } from '../../manifests/index.js';
import { API, startApi, taskManifest } from '../../test/support/api.js';
import { Authenticator } from '../auth/index.js';
import { createApi } from './index.js';

const TASKS = `${API}/namespaces/default/tasks`;

t.test('the protocol', async (t) => {
  const api = await startApi(t);
  await api.apply(
    { apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'billing' }, spec: {} },
    taskManifest('a', { metadata: { labels: { team: 'fin' } } }),
    taskManifest('b', { metadata: { namespace: 'billing' } }),
  );

  await t.test('the paths (A-16)', async (t) => {
    const names = async (path: string) =>
      (await api.request('GET', path)).json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    t.same(await names(`${API}/tasks`), ['b', 'a'], 'all namespaces');
    t.same(await names(`${API}/namespaces/billing/tasks`), ['b']);
    t.same(await names(`${API}/namespaces`), ['billing', 'cloudtask-system', 'default'], 'cluster-wide');
    t.match(await api.request('GET', `${API}/namespaces/billing/tasks/b`), { status: 200, json: { kind: 'Task' } });
    for (const path of ['/healthz', '/livez', '/readyz', '/version', '/openapi/v3', '/metrics']) {
      t.equal((await api.request('GET', path)).status, 200, path);
    }
  });

  await t.test('discovery tells names, short names, scope, verbs and categories (A-14, A-17)', async (t) => {
    const { json } = await api.request('GET', API);
    t.match(json, { kind: 'APIResourceList', groupVersion: 'cloudtask.dev/v1' });
    const found = (name: string) => json.resources.find((row: { name: string }) => row.name === name);
    for (const { plural, singular, shortNames, namespaced, kind, verbs, categories } of kinds) {
      t.same(found(plural), { name: plural, singularName: singular, shortNames, namespaced, kind, verbs, categories });
      for (const short of shortNames) t.match(short, /^[a-z]{2,3}$/);
    }
    t.same(found('tasks').categories, ['all']);
    t.match((await api.request('GET', '/apis')).json, { groups: [{ preferredVersion: { version: 'v1' } }] });
  });

  await t.test('a dry run does everything but store (A-27)', async (t) => {
    const count = async () => {
      const lists = await Promise.all(kinds.map(({ plural }) => api.request('GET', `${API}/${plural}`)));
      return lists.map(({ json }) => json.items.map(({ metadata }: { metadata: object }) => metadata));
    };
    const before = await count();
    const body = taskManifest('dry');
    const labelled = taskManifest('a', { metadata: { labels: { team: 'ops' } } });
    t.match(await api.request('POST', `${TASKS}?dryRun=All`, { body }), { status: 201, json: { kind: 'Task' } });
    t.match(await api.request('PUT', `${TASKS}/a?dryRun=All`, { body: labelled }), {
      json: { metadata: { labels: { team: 'ops' } } },
    });
    t.match(await api.request('POST', `${API}/apply?dryRun=All`, { body: { objects: [body, labelled] } }), {
      json: { results: [{ operation: 'created' }, { operation: 'configured' }] },
    });
    t.match(await api.request('DELETE', `${TASKS}/a?dryRun=All`), { status: 200, json: { status: 'Success' } });
    t.same(await count(), before, 'neither an object nor an event, and no other version');
    for (const wrong of [taskManifest('a'), taskManifest('x', { spec: { schedules: [{ cron: 'x' }] } })]) {
      const { status } = await api.request('POST', `${TASKS}?dryRun=All`, { body: wrong });
      t.ok(status === 409 || status === 422, 'and it is checked as everything is');
    }
    t.match(await api.request('POST', `${TASKS}?dryRun=Some`, { body }), { status: 400 });
  });

  await t.test('unknown fields: an error that tells all, a warning, or nothing (A-28)', async (t) => {
    const odd = (name: string) => {
      const { spec, ...rest } = taskManifest(name);
      return { ...rest, spec: { ...spec, concurencyPolicy: 'Allow', SUSPEND: true, 'a.b': 1 } };
    };
    const strict = await api.request('POST', TASKS, { body: odd('strict') });
    t.match(strict, {
      status: 400,
      json: {
        details: {
          causes: [
            {
              reason: 'FieldUnknown',
              message: 'unknown field "spec.concurencyPolicy"; did you mean "concurrencyPolicy"?',
            },
            { reason: 'FieldUnknown', message: 'unknown field "spec.SUSPEND"; did you mean "suspend"?' },
            { reason: 'FieldUnknown', message: /^unknown field "spec.*a\.b/ },
          ],
        },
      },
    });
    const warned = await api.request('POST', `${TASKS}?fieldValidation=Warn`, { body: odd('warn') });
    t.equal(warned.status, 201, warned.text);
    t.equal(warned.headers.get('warning')?.match(/299 - "unknown field/g)?.length, 3);
    const ignored = await api.request('POST', `${TASKS}?fieldValidation=Ignore`, { body: odd('ignore') });
    t.equal(ignored.status, 201, ignored.text);
    t.equal(ignored.headers.get('warning'), null);
    for (const { json } of [warned, ignored]) {
      t.notOk('concurencyPolicy' in json.spec || 'SUSPEND' in json.spec || 'a.b' in json.spec, 'it is dropped');
      t.equal(json.spec.concurrencyPolicy, 'Forbid');
    }
    t.match(await api.request('POST', `${TASKS}?fieldValidation=Perhaps`, { body: odd('x') }), { status: 400 });
  });

  await t.test('fields that are given twice: an error that tells all, a warning, or nothing (A-28)', async (t) => {
    const text = (name: string) =>
      JSON.stringify(taskManifest(name)).replace('"spec":{', '"spec":{"timeout":"1m","typo":1,"timeout":"2m",');
    const type = (name: string) => ({ headers: { 'content-type': `application/${name}` } });
    const json = type('json');
    const post = (body: string, query = '') => api.request('POST', `${TASKS}${query}`, { body, ...json });
    const duplicate = {
      reason: 'FieldValueDuplicate',
      field: 'spec.timeout',
      message: 'duplicate field "spec.timeout"',
    };
    const strict = (await post(text('twice'))).json;
    t.match(strict, { code: 400, reason: 'BadRequest', message: /duplicate field "spec.timeout" \(and 1 more\)/ });
    t.match(strict.details.causes, [duplicate, { reason: 'FieldUnknown', field: 'spec.typo' }], 'and what is unknown');
    const warned = await post(text('twice'), '?fieldValidation=Warn');
    t.match(warned, { status: 201, json: { spec: { timeout: '2m' } } }, 'the last one counts');
    t.match(warned.headers.get('warning'), /299 - "duplicate field \\"spec.timeout\\"", 299 - "unknown field/);
    const ignored = await post(text('twice-ignored'), '?fieldValidation=Ignore');
    t.match(ignored, { status: 201, json: { spec: { timeout: '2m' } } });
    t.equal(ignored.headers.get('warning'), null);
    const { resourceVersion } = warned.json.metadata;

    const put = await api.request('PUT', `${TASKS}/twice`, { body: text('twice'), ...json });
    t.match(put.json, { code: 400, details: { causes: [duplicate, {}] } });
    const objects = `{"objects":[${JSON.stringify(taskManifest('first'))},${text('second')}],"objects":[]}`;
    const batch = (body: string) => api.request('POST', `${API}/apply`, { body, ...json });
    const inBatch = {
      ...duplicate,
      field: 'objects[1].spec.timeout',
      message: 'duplicate field "objects[1].spec.timeout"',
    };
    t.match((await batch(objects)).json, { code: 400, details: { causes: [inBatch, { field: 'objects' }] } });
    const each = objects.replace(',"objects":[]', ',"atomic":false');
    t.match((await batch(each)).json, { code: 400, details: { causes: [inBatch] } });
    t.match(await api.request('GET', `${TASKS}/first`), { status: 404 }, 'nothing of such a request is done');

    const patch = (name: string, body: string, query = '') =>
      api.request('PATCH', `${TASKS}/twice${query}`, { body, ...type(name) });
    const merge = '{"spec":{"timeout":"3m","timeout":"4m"}}';
    t.match((await patch('merge-patch+json', merge)).json, { code: 400, details: { causes: [duplicate] } });
    const operation = '[{"op":"remove","op":"test","path":"/spec/timeout","value":"2m"}]';
    t.match((await patch('json-patch+json', operation)).json, {
      code: 400,
      details: { causes: [{ field: '[0].op' }] },
    });
    const yaml = 'apiVersion: cloudtask.dev/v1\nkind: Task\nspec: {run: {command: [a]}, timeout: 1m, timeout: 2m}\n';
    t.match((await patch('apply-patch+yaml', yaml)).json, { code: 400, details: { causes: [duplicate] } });
    t.match((await api.request('GET', `${TASKS}/twice`)).json, { metadata: { resourceVersion } }, 'still as it was');
    for (const [name, body] of [
      ['merge-patch+json', merge],
      ['json-patch+json', operation],
      ['apply-patch+yaml', yaml],
    ] as const) {
      const { status, headers } = await patch(name, body, '?fieldValidation=Warn&force=true&fieldManager=x');
      t.ok(status === 200 || name === 'json-patch+json', `${name}: ${status}`);
      if (status === 200) t.match(headers.get('warning'), /^299 - "duplicate field/, name);
    }
    const run = await api.request('POST', `${TASKS}/twice/run`, { body: '{"env":{"A":"1","A":"2"}}', ...json });
    t.match(run.json, { code: 400, details: { causes: [{ field: 'env.A' }] } }, 'what is no manifest, too');
    t.match(await post('{"kind":"Task","__proto__":1,"__proto__":2}'), { status: 400 });
  });

  await t.test('what is allowed and probably not meant is a Warning header, each once (A-29)', async (t) => {
    const schedules = [
      { name: 'a', at: '2020-01-01T00:00:00Z' },
      { name: 'b', at: '2020-01-01T00:00:00Z' },
    ];
    const { status, headers } = await api.request('POST', `${TASKS}?dryRun=All`, {
      body: taskManifest('over', { spec: { schedules } }),
    });
    t.equal(status, 201);
    t.match(
      headers.get('warning'),
      /^299 - "spec.schedules\[1\]: the same as .*", 299 - "spec.schedules: all time points lie in the past/,
    );
    const over = (name: string) => taskManifest(name, { spec: { schedules: schedules.slice(0, 1) } });
    const apply = async (body: object) => {
      const { status, headers } = await api.request('POST', `${API}/apply`, { body: { dryRun: true, ...body } });
      t.equal(status, 200);
      return headers.get('warning') ?? '';
    };
    t.match(await apply({ objects: [over('one')] }), /^299 - "spec.schedules: all time points lie in the past/);
    const two = await apply({ objects: [over('one'), taskManifest('good'), over('two')] });
    t.match(two, /^299 - "Task default\/one: spec.schedules: all .*", 299 - "Task default\/two: spec.schedules: all /);
    t.equal(two.match(/299/g)?.length, 2);
    t.equal(await apply({ atomic: false, objects: [over('one'), over('two')] }), two, 'each for itself, the same');
    const many = await apply({ objects: Array.from({ length: 200 }, (_, i) => over(`task-${i}`)) });
    t.ok(many.length <= 4096 && many.length > 3900, `${many.length} characters`);
    const told = many.match(/past/g)!.length;
    t.match(many, new RegExp(`, 299 - "and ${200 - told} more warnings"$`), 'what has no room is counted');
    await api.apply(over('done'));
    const merge = async (patch: object) => {
      const headers = { 'content-type': 'application/merge-patch+json' };
      const answer = await api.request('PATCH', `${TASKS}/done`, { body: JSON.stringify(patch), headers });
      t.equal(answer.status, 200);
      return answer.headers.get('warning');
    };
    t.equal(await merge({ metadata: { labels: { a: 'b' } } }), null, 'a label has nothing to do with it');
    t.match(await merge({ spec: { schedules: schedules.slice(1) } }), /^299 - "spec.schedules: all time points/);
    const yaml = `{apiVersion: cloudtask.dev/v1, kind: Task, spec: {schedules: [{at: '2020-01-01T00:00:00Z'}], run: {command: [a]}}}`;
    const patched = await api.request('PATCH', `${TASKS}/patched?dryRun=All`, {
      ...{ body: yaml, headers: { 'content-type': 'application/apply-patch+yaml' } },
    });
    t.match(patched.headers.get('warning'), /^299 - "spec.schedules: all time points lie in the past/);
  });

  await t.test('lists: what is left is told, unless something selects (A-22)', async (t) => {
    const page = await api.request('GET', `${API}/tasks?limit=1`);
    t.match(page.json.metadata, { remainingItemCount: Number, continue: String, resourceVersion: /^\d+$/ });
    const selected = await api.request('GET', `${API}/tasks?limit=1&fieldSelector=metadata.name!%3Dx`);
    t.type(selected.json.metadata.continue, 'string');
    t.equal(selected.json.metadata.remainingItemCount, undefined);
  });
});

t.test('a list that cannot go on at its version is told how to go on at the latest (A-22)', async (t) => {
  const dataDir = t.testdir();
  const named = ({ json }: { json: { items: { metadata: { name: string } }[] } }) =>
    json.items.map(({ metadata }) => metadata.name);
  let token = '';
  await t.test('one of five tasks is read', async (t) => {
    const api = await startApi(t, { dataDir });
    await api.apply(...['a', 'c', 'd', 'e', 'f'].map((name) => taskManifest(name)));
    const page = await api.request('GET', `${TASKS}?limit=1`);
    t.same(named(page), ['a']);
    token = page.json.metadata.continue;
    await api.apply(taskManifest('g'));
  });
  const api = await startApi(t, { dataDir }); // it has begun anew, and does not know what was there before
  await api.apply(taskManifest('b'));
  await api.request('DELETE', `${TASKS}/d`);
  const expired = await api.request('GET', `${TASKS}?limit=2&continue=${token}`);
  t.match(expired, { status: 410, json: { kind: 'Status', reason: 'Expired', metadata: { continue: String } } });
  const rest = await api.request('GET', `${TASKS}?limit=2&continue=${expired.json.metadata.continue}`);
  t.same(named(rest), ['b', 'c'], 'behind the last name that was handed out');
  await api.request('DELETE', `${TASKS}/e`);
  const last = await api.request('GET', `${TASKS}?continue=${rest.json.metadata.continue}`);
  t.same(named(last), ['e', 'f', 'g'], 'and from there on of one version');
  t.match(await api.request('GET', `${TASKS}?continue=${token}x`), { status: 400 });
});

t.test('what fails inside is a Status of its code, too (A-18, A-19)', async (t) => {
  const api = await startApi(t);
  let failure: Error = new Error('unset');
  const store = new Proxy(api.store, {
    get(target, name) {
      if (name === 'listText') return () => Promise.reject(failure);
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const auth = new Authenticator({ store: api.store, clock: systemClock });
  const notReady = () => 'the store is starting';
  const { app } = createApi({ store, auth, clock: systemClock, log: silentLogger, notReady });
  t.teardown(() => app.close());
  const headers = { authorization: `Bearer ${api.adminToken}` };
  const ask = async (url: string) => {
    const { statusCode, headers: answered, body } = await app.inject({ url, headers });
    return { status: statusCode, retry: answered['retry-after'], json: JSON.parse(body) };
  };
  const table: [Error, number, string, string | undefined][] = [
    [new TypeError('x is not a function at /secret/place.ts:1:1'), 500, 'InternalError', undefined],
    [new CloudTaskError('CT_STORE', 'the disk is full'), 500, 'InternalError', undefined],
    [new CloudTaskError('CT_NOT_IMPLEMENTED', 'not in this version'), 501, 'NotImplemented', undefined],
    [new CloudTaskError('CT_UNAVAILABLE', 'the store is overloaded'), 503, 'ServiceUnavailable', '1'],
    [new CloudTaskError('CT_TIMEOUT', 'the store does not answer'), 504, 'Timeout', '1'],
  ];
  for (const [thrown, code, reason, retry] of table) {
    failure = thrown;
    const answer = await ask(TASKS);
    t.match(answer, { status: code, json: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason } });
    t.equal(answer.retry, retry);
    t.equal(answer.json.details?.retryAfterSeconds, retry === undefined ? undefined : 1);
    t.notMatch(answer.json.message, /secret|\bat /, 'not the inside of the center');
  }
  t.match(await ask('/readyz'), { status: 503, retry: '1', json: { kind: 'Status', code: 503, message: /starting/ } });
});
