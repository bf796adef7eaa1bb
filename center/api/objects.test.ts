import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';

const TASKS = `${API}/namespaces/default/tasks`;

t.test('create, replace with optimistic concurrency, delete (A-02, A-03, A-18, A-21)', async (t) => {
  const api = await startApi(t);
  const created = await api.request('POST', TASKS, { body: taskManifest('a') });
  t.match(created, {
    status: 201,
    json: { metadata: { generation: 1 }, spec: { concurrencyPolicy: 'Forbid', timeZone: 'UTC' } },
  });
  t.match(await api.request('POST', TASKS, { body: taskManifest('a') }), {
    status: 409,
    json: { reason: 'AlreadyExists' },
  });
  const { metadata, spec } = created.json;
  const edit = (suspend: boolean) => ({
    ...created.json,
    spec: { ...spec, suspend },
    metadata,
    status: { state: 'Running' },
  });
  const both = await Promise.all([
    api.request('PUT', `${TASKS}/a`, { body: { ...edit(true), spec: { ...spec, timeout: '1m' } } }),
    api.request('PUT', `${TASKS}/a`, { body: edit(true) }),
  ]);
  t.same(both.map(({ status }) => status).sort(), [200, 409], 'of two who edit the same version, one wins');
  t.equal(both.find(({ status }) => status === 200)!.json.status, undefined, 'status is not the user’s');
  t.match(
    both.find(({ status }) => status === 409),
    {
      json: { reason: 'Conflict', details: { name: 'a', kind: 'tasks' }, message: /the object has been modified/ },
    },
  );
  t.match(await api.request('PUT', `${TASKS}/none`, { body: taskManifest('none') }), { status: 404 });
  const dry = await api.request('POST', `${TASKS}?dryRun=All`, { body: taskManifest('dry') });
  t.equal(dry.status, 201);
  t.match(await api.request('GET', `${TASKS}/dry`), { status: 404 });
  const stale = { preconditions: { resourceVersion: '1' } };
  t.match(await api.request('DELETE', `${TASKS}/a`, { body: stale }), { status: 409 });
  const headers = { 'content-type': 'application/json' };
  t.match(await api.request('DELETE', `${TASKS}/a`, { headers }), {
    status: 200,
    json: { kind: 'Status', status: 'Success', details: { name: 'a', kind: 'tasks', uid: metadata.uid } },
  });
  const again = await api.request('POST', TASKS, { body: taskManifest('a') });
  t.not(again.json.metadata.uid, metadata.uid, 'a uid is never used again');
});

t.test('who waits for a task that goes is told', async (t) => {
  const api = await startApi(t);
  const after = { after: { tasks: [{ name: 'a' }] } };
  await api.apply(taskManifest('a'), taskManifest('z', { spec: after }), taskManifest('b', { spec: after }));
  const warning = async (name: string, query = '') =>
    (await api.request('DELETE', `${TASKS}/${name}${query}`)).headers.get('warning');
  const both = '299 - "task default/a is named in spec.after of b, z; nothing comes of it there until it is back"';
  t.equal(await warning('a', '?dryRun=All'), both);
  t.equal(await warning('z'), null, 'nobody waits for this one');
  t.equal(await warning('a'), both.replace('b, z', 'b'), 'who is gone waits no more');
});

t.test('apply is one transaction, tells all that is wrong, and leaves what is equal (A-32)', async (t) => {
  const api = await startApi(t);
  const objects = [
    { apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'billing' }, spec: {} },
    taskManifest('a', { metadata: { namespace: 'billing' } }),
  ];
  const first = await api.request('POST', `${API}/apply`, { body: { objects } });
  t.same(
    first.json.results.map((r: { operation: string }) => r.operation),
    ['created', 'created'],
  );
  const second = await api.request('POST', `${API}/apply`, { body: { objects } });
  t.same(
    second.json.results.map((r: { operation: string }) => r.operation),
    ['unchanged', 'unchanged'],
  );
  t.same(
    second.json.results.map((r: { object: object }) => r.object),
    first.json.results.map((r: { object: object }) => r.object),
  );
  const wrong = await api.request('POST', `${API}/apply`, {
    body: {
      objects: [
        taskManifest('good'),
        taskManifest('b', { spec: { schedules: [{ cron: '61 * * * *' }], concurencyPolicy: 'Forbid' } }),
        taskManifest('good'),
      ],
    },
  });
  t.equal(wrong.status, 400);
  const fields = wrong.json.details.causes.map((cause: { field: string }) => cause.field);
  t.ok(fields.includes('objects[1].spec.concurencyPolicy'));
  t.ok(fields.includes('objects[1].spec.schedules[0].cron'));
  t.ok(fields.includes('objects[2].metadata.name'), 'the same object twice');
  t.equal((await api.request('GET', `${TASKS}/good`)).status, 404, 'nothing was stored');
  const warned = await api.request('POST', `${TASKS}?fieldValidation=Warn`, {
    body: taskManifest('w', { spec: { typo: 1 } }),
  });
  t.equal(warned.status, 201);
  t.match(warned.headers.get('warning'), /^299 - "unknown field/);
});

t.test('lists: selectors, pages of one snapshot, whole lists (A-22)', async (t) => {
  const api = await startApi(t);
  const names = Array.from({ length: 1203 }, (_, i) => `t-${String(i).padStart(4, '0')}`);
  await api.apply(
    ...names.map((name, i) => taskManifest(name, { metadata: { labels: { parity: i % 2 ? 'odd' : 'even' } } })),
  );
  const whole = await api.request('GET', `${API}/tasks`);
  t.same(
    whole.json.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    names,
    'a whole list, though sent in parts',
  );
  const odd = await api.request('GET', `${TASKS}?labelSelector=parity%3Dodd,parity!%3Deven&limit=1000`);
  t.equal(odd.json.items.length, 601);
  const one = await api.request('GET', `${API}/tasks?fieldSelector=metadata.name%3Dt-0007`);
  t.equal(one.json.items.length, 1);

  const page = await api.request('GET', `${TASKS}?limit=600`);
  t.equal(page.json.metadata.remainingItemCount, 603);
  await api.apply(taskManifest('t-0700-inserted'));
  await api.request('DELETE', `${TASKS}/t-0800`);
  await api.request('POST', `${TASKS}/t-0900/suspend`);
  const rest = await api.request('GET', `${TASKS}?limit=1000&continue=${page.json.metadata.continue}`);
  const all = [...page.json.items, ...rest.json.items];
  t.same(
    all.map((item) => item.metadata.name),
    names,
    'neither the inserted nor without the deleted',
  );
  t.equal(all.find((item) => item.metadata.name === 't-0900').spec.suspend, false, 'as it was');
  t.equal(rest.json.metadata.resourceVersion, page.json.metadata.resourceVersion);
  t.match(await api.request('POST', `${TASKS}/t-0900/suspend`), { json: { operation: 'unchanged' } });
  t.match(await api.request('POST', `${TASKS}/t-0900/resume`), {
    json: { operation: 'resumed', object: { spec: { suspend: false } } },
  });
});

t.test('lists and objects as Tables (A-30)', async (t) => {
  const api = await startApi(t);
  for (let i = 0; i < 3; i++) await api.request('POST', TASKS, { body: taskManifest(`a${i}`) });
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const list = await api.request('GET', `${TASKS}?limit=2`, { headers: { accept } });
  t.match(list.json, {
    ...{ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { continue: String, resourceVersion: String } },
    columnDefinitions: [{ name: 'NAME', type: 'string', format: 'name', priority: 0 }, { name: 'SCHEDULE' }],
    rows: [{ object: { kind: 'PartialObjectMetadata', metadata: { name: 'a0' } } }, {}],
  });
  const { columnDefinitions, rows } = list.json;
  for (const { cells } of rows) t.equal(cells.length, columnDefinitions.length);
  t.equal(rows[1].cells[0], 'a1');
  t.equal(columnDefinitions.find(({ name }: { name: string }) => name === 'COMMAND').priority, 1);
  const one = await api.request('GET', `${TASKS}/a2?includeObject=Object`, { headers: { accept } });
  t.match(one.json, { kind: 'Table', rows: [{ object: { kind: 'Task', metadata: { name: 'a2' } } }] });
  const none = await api.request('GET', `${TASKS}?includeObject=None`, { headers: { accept } });
  t.equal(none.json.rows.length, 3);
  t.equal(none.json.rows[0].object, undefined);
  t.equal((await api.request('GET', `${TASKS}?includeObject=x`, { headers: { accept } })).status, 400);
  for (const other of [
    'application/json',
    `application/json,${accept}`,
    'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
  ]) {
    t.equal((await api.request('GET', TASKS, { headers: { accept: other } })).json.kind, 'TaskList', other);
  }
});
