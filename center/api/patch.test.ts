// PATCH, and field managers as clients of the API see them. Ids are those of the standard.
import t from 'tap';
import { systemClock } from '../../base/index.js';
import { type Answer, API, startApi, type TestApi, taskManifest } from '../../test/support/api.js';

const TASKS = `${API}/namespaces/default/tasks`;
const A = `${TASKS}/a`;
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY = 'application/apply-patch+yaml';

function patch(api: TestApi, type: string, body: unknown, query = ''): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return api.request('PATCH', `${A}${query}`, { body: text, headers: { 'content-type': type } });
}
const owners = ({ json }: Answer) =>
  json.metadata.managedFields?.map((entry: { manager: string; fields: string[] }) => [entry.manager, ...entry.fields]);

t.test('A-26: merge patch', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('a', { metadata: { labels: { team: 'x' } } }));
  const done = await patch(
    api,
    MERGE,
    { metadata: { labels: { team: null, tier: '1' } }, spec: { timeout: '5m' } },
    '?fieldManager=ui',
  );
  t.match(done, { status: 200, json: { metadata: { labels: { tier: '1' }, generation: 2 }, spec: { timeout: '5m' } } });
  t.notOk('team' in done.json.metadata.labels);
  t.same(
    owners(done).at(-1),
    ['ui', '/metadata/labels/tier', '/spec/timeout'],
    'A-42 rule 5: what it changes is its own',
  );
  const same = await patch(api, MERGE, { spec: { timeout: '5m' } });
  t.equal(same.json.metadata.resourceVersion, done.json.metadata.resourceVersion, 'no change, no write');
  t.match(await patch(api, MERGE, { spec: { timeout: null, retry: { limit: 2 } } }, '?dryRun=All'), {
    status: 200,
    json: { spec: { retry: { limit: 2 } } },
  });
  t.equal((await api.request('GET', A)).json.spec.timeout, '5m', 'A-27: a dry run stores nothing');
  t.match(await patch(api, MERGE, { spec: { timeout: 'soon' } }), {
    status: 422,
    json: { reason: 'Invalid', details: { causes: [{ field: 'spec.timeout' }] } },
  });
  t.match(await patch(api, MERGE, { spec: { timeuot: '1m' } }), {
    status: 400,
    json: { message: /did you mean "timeout"/ },
  });
  const warned = await patch(api, MERGE, { spec: { timeuot: '1m' } }, '?fieldValidation=Warn');
  t.equal(warned.status, 200);
  t.match(warned.headers.get('warning'), /unknown field/);
  t.match(await patch(api, MERGE, { metadata: { name: 'b' } }), {
    status: 400,
    json: { message: /cannot be changed/ },
  });
  t.match(await patch(api, MERGE, [1]), { status: 400 });
  t.match(await patch(api, MERGE, '{"spec":'), { status: 400, json: { kind: 'Status' } });
  t.match(await patch(api, MERGE, { status: { state: 'Lies' }, metadata: { managedFields: [] } }), {
    status: 200,
    json: same.json,
  });
  t.match(await api.request('PATCH', `${TASKS}/none`, { body: '{}', headers: { 'content-type': MERGE } }), {
    status: 404,
  });
});

t.test('A-26: JSON patch', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('a'));
  const good = [
    { op: 'test', path: '/spec/suspend', value: false },
    { op: 'replace', path: '/spec/suspend', value: true },
    { op: 'add', path: '/metadata/annotations', value: { note: 'x' } },
  ];
  t.match(await patch(api, JSON_PATCH, good), {
    status: 200,
    json: { spec: { suspend: true }, metadata: { annotations: { note: 'x' } } },
  });
  const failed = await patch(api, JSON_PATCH, good);
  t.match(
    failed,
    { status: 422, json: { reason: 'Invalid', message: /testing value \/spec\/suspend failed/ } },
    'C-21: a failing test',
  );
  t.match(await patch(api, JSON_PATCH, { op: 'add' }), { status: 400 });
  t.match(await patch(api, JSON_PATCH, [{ op: 'remove', path: '/spec/run' }]), {
    status: 422,
    json: { details: { causes: [{ field: 'spec.run' }] } },
  });
});

t.test('A-26: other types are 415 and name those that are accepted', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('a'));
  for (const type of ['application/strategic-merge-patch+json', 'application/json', 'text/plain']) {
    const answer = await patch(api, type, {});
    t.match(answer, { status: 415, json: { kind: 'Status', reason: 'UnsupportedMediaType' } });
    t.match(
      answer.json.message,
      /accepted types are application\/merge-patch\+json, application\/json-patch\+json, application\/apply-patch\+yaml/,
    );
  }
  t.match(await api.request('PUT', A, { body: '{}', headers: { 'content-type': MERGE } }), { status: 415 });
});

t.test('A-21: a patch with a resourceVersion is conditional', async (t) => {
  const api = await startApi(t);
  const [first] = await api.apply(taskManifest('a'));
  const { resourceVersion } = first!.metadata;
  await patch(api, MERGE, { spec: { timeout: '5m' } });
  t.match(await patch(api, MERGE, { metadata: { resourceVersion }, spec: { timeout: '6m' } }), {
    status: 409,
    json: {
      reason: 'Conflict',
      message: /the object has been modified; please apply your changes to the latest version and try again/,
    },
  });
  t.match(
    await patch(api, APPLY, {
      metadata: { resourceVersion },
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', spec: {} },
    }),
    { status: 422 },
  );
  const both = await Promise.all([1, 2].map((n) => patch(api, MERGE, { spec: { retry: { limit: n } } })));
  t.same(
    both.map(({ status }) => status),
    [200, 200],
    'without one it is tried again',
  );
});

t.test('A-26, A-42: apply patch', async (t) => {
  const api = await startApi(t);
  const manifest = (timeout: string) =>
    `apiVersion: cloudtask.dev/v1\nkind: Task\nspec:\n  schedules:\n  - cron: "@daily"\n  run: {command: ["true"]}\n  timeout: ${timeout}\n`;
  const created = await patch(api, APPLY, manifest('5m'), '?fieldManager=git');
  t.match(created, { status: 201, json: { metadata: { name: 'a', namespace: 'default' } } });
  t.same(owners(created), [
    [
      'git',
      '/spec/run/command',
      '/spec/schedules/{name=default}/cron',
      '/spec/schedules/{name=default}/name',
      '/spec/timeout',
    ],
  ]);
  const again = await patch(api, APPLY, manifest('5m'), '?fieldManager=git');
  t.match(again, { status: 200, json: created.json }, 'C-05: the same again');
  const conflict = await patch(api, APPLY, manifest('6m'), '?fieldManager=ui');
  t.match(conflict, {
    status: 409,
    json: {
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "git" using cloudtask.dev/v1: .spec.timeout',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            field: 'spec.timeout',
            message: 'conflict with "git" using cloudtask.dev/v1',
            conflict: { manager: 'git', user: String, time: String, yours: '6m', live: '5m' },
          },
        ],
      },
    },
  });
  const forced = await patch(api, APPLY, manifest('6m'), '?fieldManager=ui&force=true');
  t.match(forced, { status: 200, json: { spec: { timeout: '6m' } } });
  t.match(await patch(api, APPLY, 'kind: Task\n'), { status: 422 });
  t.match(await patch(api, APPLY, '{kind: [}'), { status: 400, json: { message: /not YAML that can be read/ } });
  t.match(await patch(api, APPLY, '--- \na: 1\n---\nb: 1\n'), { status: 400 });
  t.match(
    await patch(api, APPLY, `${manifest('1m')}  description:\n`),
    { status: 422, json: { details: { causes: [{ message: /null is not allowed; omit the field/ }] } } },
    'rule 8',
  );
  t.match(await patch(api, APPLY, manifest('1m'), `?fieldManager=${'x'.repeat(129)}`), { status: 400 });
  t.match(await patch(api, APPLY, manifest('1m'), '?fieldManager=%0a'), { status: 400 });
});

t.test('managers of batches, of POST and PUT, and of the program when none is named', async (t) => {
  const api = await startApi(t);
  const named = (agent: string) => ({ headers: { 'user-agent': agent } });
  const post = await api.request('POST', TASKS, {
    body: taskManifest('a', { spec: { timeout: '5m' } }),
    ...named('curl/8.1'),
  });
  t.match(post, { status: 201, json: { metadata: { managedFields: [{ manager: 'curl', operation: 'Update' }] } } });
  const body = {
    ...post.json,
    metadata: { ...post.json.metadata, managedFields: [] },
    spec: { ...post.json.spec, timeout: '6m' },
  };
  const put = await api.request('PUT', `${A}?fieldManager=ui`, { body });
  t.equal(put.status, 200, 'rule 10: what a client sends back of it is ignored');
  t.same(owners(put), [
    ['curl', '/spec/run/command', '/spec/schedules/{name=default}/every', '/spec/schedules/{name=default}/name'],
    ['ui', '/spec/timeout'],
  ]);
  const { kind, apiVersion, spec } = taskManifest('a', { spec: { timeout: '7m' } });
  const objects = [taskManifest('b'), { apiVersion, kind, metadata: { name: 'a' }, spec }];
  const conflict = await api.request('POST', `${API}/apply`, { body: { objects, fieldManager: 'git' } });
  t.match(conflict, {
    status: 409,
    json: {
      message:
        'Apply failed with 1 conflict: conflict with "ui" using cloudtask.dev/v1: task.cloudtask.dev/a in default .spec.timeout',
      details: { causes: [{ field: 'objects[1].spec.timeout' }] },
    },
  });
  t.match(await api.request('GET', `${TASKS}/b`), { status: 404 }, 'all or nothing');
  const forced = await api.request('POST', `${API}/apply?fieldManager=git&force=1`, { body: { objects } });
  t.match(forced.json.results, [{ operation: 'created' }, { operation: 'configured' }]);
  const refused = { ...taskManifest('c'), metadata: { name: 'c', managedFields: [] } };
  t.match(await api.request('POST', `${API}/apply`, { body: { objects: [refused] } }), {
    status: 422,
    json: { details: { causes: [{ field: 'objects[0].metadata.managedFields' }] } },
  });
  t.ok(
    (await api.request('GET', TASKS)).json.items.every(
      (item: { metadata: object }) => 'managedFields' in item.metadata,
    ),
  );
});

t.test('A-32: atomic=false applies each object that can be', async (t) => {
  const api = await startApi(t);
  const inNew = taskManifest('n', { metadata: { namespace: 'new' } });
  const namespace = { apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'new' } };
  const bad = taskManifest('bad', { spec: { timeout: 'soon' } });
  const lost = taskManifest('lost', { metadata: { namespace: 'nope' } });
  const objects = [taskManifest('a'), bad, namespace, inNew, lost];
  const { status, json } = await api.request('POST', `${API}/apply`, { body: { objects, atomic: false } });
  t.equal(status, 200);
  t.match(json.results, [
    { operation: 'created', object: { metadata: { name: 'a' } } },
    { status: { code: 422, details: { causes: [{ field: 'objects[1].spec.timeout' }] } } },
    { operation: 'created' },
    { operation: 'created', object: { metadata: { namespace: 'new' } } },
    { status: { code: 404, reason: 'NotFound' } },
  ]);
});

/** A clock whose wall time the test sets; timers run as ever. */
function wall(start: string) {
  const clock = { ...systemClock, at: Date.parse(start), now: (): number => clock.at };
  return clock;
}

t.test('a suspension that ends by itself (C-26)', async (t) => {
  const clock = wall('2026-11-22T12:00:00Z');
  const api = await startApi(t, { clock });
  const apply = (spec: object) =>
    api.request('POST', `${API}/apply`, { body: { objects: [taskManifest('a', { spec })], fieldManager: 'ctask' } });
  const suspend = async (body: object) => (await api.request('POST', `${A}/suspend`, { body })).json;
  await apply({ suspend: false });
  const until = '2026-11-22T14:00:00.000Z';
  t.match(await suspend({ until: '2026-11-22T15:00:00+01:00', reason: 'move' }), {
    ...{ operation: 'suspended', object: { spec: { suspend: false, suspendUntil: until, suspendReason: 'move' } } },
  });
  t.match(await suspend({ until }), { operation: 'unchanged', object: { spec: { suspendReason: 'move' } } });
  t.equal((await apply({ suspend: false, timeout: '1m' })).status, 200, 'a manifest without an end does not mind');
  t.match((await api.request('GET', A)).json.spec, { suspendUntil: until, timeout: '1m' });
  t.match((await api.request('GET', `${A}/why`)).json.findings[0], {
    ...{ reason: 'Suspended', message: /^the task is suspended until 2026-11-22T14:00:00Z \(move\): / },
  });
  t.match(await suspend({ until: '2026-11-22T13:00:00Z', reason: '' }), {
    ...{ operation: 'suspended', object: { spec: { suspendUntil: '2026-11-22T13:00:00.000Z' } } },
  });
  t.notOk((await api.request('GET', A)).json.spec.suspendReason, 'an empty reason takes it away');
  t.match(await suspend({ reason: 'for good' }), { operation: 'suspended', object: { spec: { suspend: true } } });
  t.notOk((await api.request('GET', A)).json.spec.suspendUntil);
  t.match(await suspend({ until }), { object: { spec: { suspend: false, suspendUntil: until } } });
  clock.at += 3 * 3_600_000;
  t.match(
    (await api.request('GET', `${A}/why`)).json.findings.map((found: { reason: string }) => found.reason),
    ['NoAgents', 'NoRecord'],
  );
  t.match(await suspend({}), { operation: 'suspended', object: { spec: { suspend: true } } });
  t.notOk((await api.request('GET', A)).json.spec.suspendReason, 'the reason went with what had ended');
  const resumed = (await api.request('POST', `${A}/resume`)).json;
  t.match(resumed, { operation: 'resumed', object: { spec: { suspend: false } } });
  t.notOk(resumed.object.spec.suspendUntil);
  for (const body of [
    { until: '2026-11-22T14:59:59Z' },
    { until: '2026-02-30T00:00:00Z' },
    { until: '2h' },
    { until: 5 },
    { reason: 'a\nb' },
    { reason: 'x'.repeat(257) },
    { typo: 1 },
  ])
    t.equal((await api.request('POST', `${A}/suspend`, { body })).status, 400, JSON.stringify(body).slice(0, 50));
});

t.test('an end that a manifest gives is its own: a resume conflicts with its next apply', async (t) => {
  const clock = wall('2026-11-22T12:00:00Z');
  const api = await startApi(t, { clock });
  const spec = { suspendUntil: '2026-11-22T14:00:00Z' };
  const body = { objects: [taskManifest('a', { spec })], fieldManager: 'ctask' };
  await api.request('POST', `${API}/apply`, { body });
  clock.at += 1000;
  t.match((await api.request('POST', `${A}/resume`)).json, { operation: 'resumed' });
  t.match((await api.request('GET', A)).json.spec.suspendUntil, '2026-11-22T12:00:01.000Z');
  t.match((await api.request('POST', `${A}/resume`)).json, { operation: 'unchanged' });
  t.equal((await api.request('POST', `${API}/apply`, { body })).status, 409, 'drift shows');
});

t.test('suspend and resume have a manager of their own', async (t) => {
  const api = await startApi(t);
  const manifest = (spec: object) => ({ objects: [taskManifest('a', { spec })], fieldManager: 'ctask' });
  await api.request('POST', `${API}/apply`, { body: manifest({}) });
  const suspended = await api.request('POST', `${A}/suspend`);
  t.match(suspended.json, { operation: 'suspended', object: { spec: { suspend: true } } });
  t.match((await api.request('POST', `${A}/suspend`)).json, { operation: 'unchanged' }, 'C-26: idempotent');
  const kept = await api.request('POST', `${API}/apply`, { body: manifest({ timeout: '1m' }) });
  t.match(kept.json.results, [{ object: { spec: { suspend: true } } }], 'an apply does not resume it quietly');
  t.equal((await api.request('POST', `${API}/apply`, { body: manifest({ suspend: false }) })).status, 409);
  await api.request('POST', `${A}/resume?dryRun=All`);
  t.equal((await api.request('GET', A)).json.spec.suspend, true);
  const resumed = await api.request('POST', `${A}/resume`);
  t.notOk(
    JSON.stringify(resumed.json.object.metadata.managedFields).includes('ctask-suspend'),
    'nothing is left of it',
  );
  await api.request('POST', `${API}/apply`, { body: manifest({ suspend: true }) });
  await api.request('POST', `${A}/resume`);
  t.equal(
    (await api.request('POST', `${API}/apply`, { body: manifest({ suspend: true }) })).status,
    409,
    'drift shows',
  );
});
