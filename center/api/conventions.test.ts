// What whoever knows the API of Kubernetes takes for granted, asked of the real API. The letters and numbers in the titles are the
// rows of docs/kubectl-rows.md.
import t from 'tap';
import { CloudTaskError, silentLogger, systemClock } from '../../base/index.js';
import { kinds } from '../../manifests/index.js';
import { API, reportOf, startApi, taskManifest } from '../../test/support/api.js';
import { Authenticator } from '../auth/index.js';
import { createApi } from './index.js';

const TASKS = `${API}/namespaces/default/tasks`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

t.test('objects', async (t) => {
  const api = await startApi(t);

  await t.test('say what they are, alone and in lists (A-01)', async (t) => {
    await api.apply(taskManifest('one'), taskManifest('two'));
    const typed = { apiVersion: 'cloudtask.dev/v1', kind: 'Task' };
    t.match((await api.request('GET', `${TASKS}/one`)).json, typed);
    const { json } = await api.request('GET', TASKS);
    t.match(json, { apiVersion: 'cloudtask.dev/v1', kind: 'TaskList', items: [typed, typed] });
  });

  await t.test('have the metadata that everybody expects (A-02)', async (t) => {
    const { metadata } = (await api.request('GET', `${TASKS}/one`)).json;
    t.match(metadata, { name: 'one', namespace: 'default', uid: UUID, resourceVersion: /^\d+$/, generation: 1 });
    t.match(metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const refused = async (name: string) => (await api.request('POST', TASKS, { body: taskManifest(name) })).json;
    for (const name of ['Upper', 'under_score', '-a', 'a-', 'a..b', 'x'.repeat(53), '']) {
      t.match(await refused(name), { code: 422, details: { causes: [{ field: 'metadata.name' }] } }, name);
    }
    t.match(await api.request('POST', TASKS, { body: taskManifest('a.b-c.1') }), { status: 201 });
    t.match(await api.request('POST', TASKS, { body: taskManifest('x'.repeat(52)) }), { status: 201 });
    const again = async () => {
      await api.request('DELETE', `${TASKS}/again`);
      return (await api.request('POST', TASKS, { body: taskManifest('again') })).json.metadata.uid;
    };
    t.not(await again(), await again(), 'the same name, another object');
  });

  await t.test('a status in a request is not taken (A-03)', async (t) => {
    const beat = { cluster: 'default', labels: {}, hostname: 'h', cpus: 2 };
    await api.request('PUT', `${API}/agents/eu-1/status`, { token: api.agentToken, body: beat });
    const { json } = await api.request('GET', `${API}/agents/eu-1`);
    const body = { ...json, spec: { ...json.spec, unschedulable: true }, status: { cpus: 99 } };
    const put = await api.request('PUT', `${API}/agents/eu-1`, { body });
    t.match(put, { status: 200, json: { spec: { unschedulable: true }, status: { cpus: 2 } } });
    const created = await api.request('POST', TASKS, { body: { ...taskManifest('s'), status: { state: 'Running' } } });
    t.match(created, { status: 201, json: { status: undefined } });
    const [applied] = await api.apply({ ...taskManifest('s'), status: { state: 'Running' } });
    t.equal((applied as { status?: unknown }).status, undefined);
  });

  await t.test('the generation counts changes of the specification alone (A-04)', async (t) => {
    const of = async (...manifest: Parameters<typeof taskManifest>) => {
      const [object] = await api.apply(taskManifest(...manifest));
      return object!.metadata.generation;
    };
    t.equal(await of('counted'), 1);
    t.equal(await of('counted', { metadata: { labels: { a: 'b' } } }), 1, 'a label is none');
    t.equal(await of('counted', { metadata: { annotations: { a: 'b' } } }), 1);
    t.equal(await of('counted', { spec: { timeout: '1m' } }), 2);
    t.equal(await of('counted', { spec: { timeout: '1m' } }), 2);
  });

  await t.test('defaults are written out and override nothing (A-08)', async (t) => {
    const minimal = { ...taskManifest('least'), spec: { run: { command: ['true'] } } };
    const { json } = await api.request('POST', TASKS, { body: minimal });
    t.match(json.spec, { concurrencyPolicy: 'Forbid', timeZone: 'UTC', suspend: false, history: { runs: 100 } });
    t.notOk('timeout' in json.spec, 'what has no default is left out');
    const own = { concurrencyPolicy: 'Allow', timeZone: 'Europe/Berlin', history: { runs: 3 } };
    const { json: kept } = await api.request('POST', TASKS, { body: taskManifest('own', { spec: own }) });
    t.match(kept.spec, own);
  });

  await t.test('events are objects that count what happens again, and go when they are old (A-13)', async (t) => {
    const [task] = await api.apply(taskManifest('failing'));
    for (const point of [1, 2, 3].map((day) => Date.UTC(2026, 0, day))) {
      const attempts = [{ number: 1, state: 'Failed' as const, agent: 'eu-1', exitCode: 3 }];
      await api.store.acceptReports('eu-1', [
        reportOf(task!, point, { state: 'Failed', attempts, endTime: point + 9 }),
      ]);
    }
    const list = async () => {
      const selector = encodeURIComponent('spec.regarding.name=failing,spec.type=Warning');
      return (await api.request('GET', `${API}/namespaces/default/events?fieldSelector=${selector}`)).json.items;
    };
    const [event, ...others] = await list();
    t.same(others, [], 'one event for what is the same');
    t.match(event, { kind: 'Event', spec: { type: 'Warning', reason: 'Failed', count: 3, source: 'agent/eu-1' } });
    t.match(event.spec.regarding, { kind: 'Task', namespace: 'default', name: 'failing', uid: task!.metadata.uid });
    t.match(event.spec.reason, /^[A-Z][A-Za-z]+$/);
    t.type(event.spec.message, 'string');
    t.ok(Date.parse(event.spec.firstTime) <= Date.parse(event.spec.lastTime));
    await api.store.pruneEvents(Date.parse(event.spec.lastTime), { epoch: 0 });
    t.equal((await list()).length, 1, 'it is not older than that');
    await api.store.pruneEvents(Date.parse(event.spec.lastTime) + 1, { epoch: 0 });
    t.same(await list(), []);
  });

  await t.test('what may not change cannot be changed (A-35)', async (t) => {
    const run = await api.request('POST', `${TASKS}/one/run`);
    const path = `${API}/namespaces/default/runs/${run.json.metadata.name}`;
    const { json } = await api.request('GET', path);
    const body = { ...json, spec: { ...json.spec, task: 'two' } };
    t.match(await api.request('PUT', path, { body }), { status: 405, json: { kind: 'Status', code: 405 } });
    t.match(await api.request('POST', `${API}/apply`, { body: { objects: [body] } }), {
      status: 422,
      json: { details: { causes: [{ reason: 'FieldValueForbidden' }] } },
    });
    t.same((await api.request('GET', path)).json.spec, json.spec);
    const renamed = { ...taskManifest('other'), metadata: { name: 'other' } };
    t.match(await api.request('PUT', `${TASKS}/one`, { body: renamed }), { status: 400 });
    const another = { ...taskManifest('one'), metadata: { name: 'one', uid: json.metadata.uid } };
    t.match(await api.request('PUT', `${TASKS}/one`, { body: another }), { status: 409 }, 'another identity');
  });

  await t.test('what is done, made, or only begun has its code (A-12, A-18)', async (t) => {
    await api.apply(taskManifest('going'));
    t.match(await api.request('POST', `${TASKS}/going/run`), { status: 201, json: { kind: 'Run' } });
    const begun = await api.request('DELETE', `${TASKS}/going?propagationPolicy=Foreground`);
    t.match(begun, {
      status: 202,
      json: { kind: 'Task', metadata: { deletionTimestamp: String, finalizers: [String] } },
    });
    t.match(await api.request('GET', `${TASKS}/going`), { status: 200 }, 'it is there until its run has ended');
    t.match(await api.request('DELETE', `${TASKS}/going?propagationPolicy=Background`), {
      status: 200,
      json: { kind: 'Status', status: 'Success' },
    });
    t.match(await api.request('GET', `${TASKS}/going`), { status: 404 });
  });
});

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
    t.ok(headers.get('warning')!.length < 4096);
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
