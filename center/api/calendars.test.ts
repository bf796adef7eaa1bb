// Calendars through the API: what follows a write of one, and what brings a task back.
import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';

const NAMESPACE = `${API}/namespaces/default`;
const merge = { 'content-type': 'application/merge-patch+json' };

const calendar = (spec: object) => ({
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Calendar' },
  ...{ metadata: { name: 'hols', namespace: 'default' }, spec },
});
const exclude = { schedules: [{ cron: '0 8 * * *' }], calendar: { exclude: ['hols'] } };

t.test('a write of a calendar is a write of its tasks', async (t) => {
  const api = await startApi(t);
  await api.apply(calendar({ dates: ['12-25'] }), taskManifest('a', { spec: exclude }), taskManifest('b'));
  const path = `${NAMESPACE}/calendars/hols`;
  const body = { spec: { dates: ['12-25', '12-26'] } };
  const dry = await api.request('PATCH', `${path}?dryRun=All`, { body, headers: merge });
  t.equal(dry.status, 200, dry.text);
  t.equal((await api.request('GET', `${NAMESPACE}/tasks/a`)).json.metadata.generation, 1);
  t.equal((await api.request('PATCH', path, { body, headers: merge })).json.kind, 'Calendar');
  const { json: task } = await api.request('GET', `${NAMESPACE}/tasks/a`);
  t.match(task, { metadata: { generation: 2 }, spec: { calendars: [{ name: 'hols', dates: ['12-25', '12-26'] }] } });
  const { items } = (await api.request('GET', `${API}/auditentries`)).json;
  t.same(
    items.slice(-2).map((entry: Record<string, string>) => `${entry.verb} ${entry.kind} ${entry.name}`),
    ['patch Calendar hols', 'patch Task a'],
    'the audit names both',
  );
  t.match(await api.request('DELETE', path), { status: 409, text: /a task names it: a/ });

  const idle = await api.request('POST', `${API}/apply`, {
    body: {
      objects: [
        calendar({ weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] }),
        taskManifest('a', { spec: exclude }),
      ],
    },
  });
  t.match(idle.headers.get('warning'), /task default\/a: its calendars leave out all time points/);
});

t.test('an undo is of what was written to the task; calendars are what they are now', async (t) => {
  const api = await startApi(t);
  const tasks = `${NAMESPACE}/tasks`;
  const task = taskManifest('a', { spec: { ...exclude, timeout: '1m' } });
  await api.apply(calendar({ dates: ['12-25'] }), task);
  await api.apply(taskManifest('a', { spec: { ...exclude, timeout: '2m' } }));
  await api.apply(calendar({ dates: ['12-26'] }));
  const undone = await api.request('POST', `${tasks}/a/undo`, { body: {} });
  t.match(undone.json, { object: { spec: { timeout: '1m', calendars: [{ dates: ['12-26'] }] } } });

  await api.request('DELETE', `${tasks}/a`);
  await api.apply(calendar({ dates: ['12-27'] }));
  const back = await api.request('POST', `${tasks}/a/undelete`);
  t.match(back.json, { object: { spec: { calendars: [{ dates: ['12-27'] }] } } });
  await api.request('DELETE', `${tasks}/a`);
  t.equal((await api.request('DELETE', `${NAMESPACE}/calendars/hols`)).status, 200);
  const alone = await api.request('POST', `${tasks}/a/undelete`);
  t.match(alone, { status: 422, text: /spec\.calendar\.exclude\[0\]: namespace .*default.* has no calendar .*hols/ });

  await api.apply(calendar({ dates: ['12-27'] }));
  const typo = taskManifest('typo', { spec: { calendar: { exclude: ['hol'] } } });
  const refused = await api.request('POST', '/apis/cloudtask.dev/v1/apply', { body: { objects: [typo] } });
  t.match(refused, { status: 422, text: /has no calendar .*hol\\"; did you mean \\"hols\\"\?/ });
});
