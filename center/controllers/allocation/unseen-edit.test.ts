// Edits that no leader saw happen: what was due meanwhile is worked off or recorded, never passed over.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import type { Run, Task } from '../../../manifests/index.js';
import {
  agent,
  apply,
  center,
  clock,
  eventually,
  layout,
  task,
  type World,
  world,
} from '../../../test/support/leading-center.js';

t.setTimeout(300_000);

const SECONDLY = { schedules: [{ name: 'default', every: '1s' }] };

/** A task whose cursor and audit mark are left 10 s behind; nobody leads when it returns. */
async function leftBehind(w: World, spec: Partial<Task['spec']>) {
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('t', { ...SECONDLY, ...spec }));
  await a1.owns(1);
  const epoch = controllers.counters.epoch;
  await controllers.stop();
  const { uid } = created!.metadata;
  const path = layout.trigger(uid, '');
  const { record, version } = (await readTriggerRecord(a1.session.current, path))!;
  const cursor = record.cursor - 10_000;
  const [result] = await claimBatch(a1.session.current, [{ path, version, record: { ...record, cursor } }]);
  if (result instanceof Error) throw result;
  await w.store.setAuditedUpTo([{ taskUid: uid, slot: '', upTo: cursor }], { epoch });
  const read = async () => (await readTriggerRecord(a1.session.current, path))!.record;
  const second = () =>
    a1.allocation.events.next('changed', (entries) => entries[0]?.revision === 2, w.signal).then(read);
  return { a1, uid, cursor, second };
}

async function nextLeader(w: World): Promise<void> {
  const { controllers } = await center(w, 'c2');
  const audited = controllers.events.next('round', ({ name }) => name === 'audit', w.signal);
  await controllers.start(w.signal);
  await audited;
}

t.test('an unseen edit of the environment leaves cursor and mark where they are', async (t) => {
  const w = await world(t);
  const { uid, cursor, second } = await leftBehind(w, {});
  await apply(w, task('t', { ...SECONDLY, run: { command: ['/bin/true'], env: [{ name: 'A', value: 'b' }] } }));
  const inForce = second();
  await nextLeader(w);
  t.match(await inForce, { revision: 2, cursor }, 'the owner works it off');
  t.equal(await w.store.auditedUpTo(uid, ''), cursor);
});

t.test('an unseen edit of the schedule: what the former one yielded is told, the new one begins now', async (t) => {
  const w = await world(t);
  const { uid, cursor } = await leftBehind(w, {});
  const editedAt = Date.now();
  await apply(w, task('t', { schedules: [{ name: 'default', every: '2s' }] }));
  // Not even between the two: of this one nothing is ever in force.
  await apply(w, task('t', { schedules: [{ name: 'default', cron: '0 0 29 2 *' }] }));
  await nextLeader(w);
  const upTo = await eventually(w, async () => {
    const mark = (await w.store.auditedUpTo(uid, '')) ?? 0;
    return mark >= editedAt ? mark : undefined;
  });
  const due = Array.from({ length: Math.floor(upTo / 1000) - Math.floor(cursor / 1000) }, (_, i) => {
    return (Math.floor(cursor / 1000) + 1 + i) * 1000;
  });
  const rows = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', { limit: 1000 });
    return items.length >= due.length ? items : undefined;
  });
  t.same(rows.map(({ spec }) => Date.parse(spec.scheduledTime ?? '')).sort(), due);
  t.ok(rows.every(({ status }) => status?.state === 'Missed' && status.reason === 'SpecChanged'));
});

t.test('an unseen resume: what was due while suspended is recorded as Skipped', async (t) => {
  const w = await world(t);
  const { cursor, second } = await leftBehind(w, { suspend: true });
  const resumedAt = Date.now();
  await apply(w, task('t', SECONDLY));
  const inForce = second();
  await nextLeader(w);
  const record = await inForce;
  t.ok(record.cursor >= resumedAt, 'it does not fire');
  const rows = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', { limit: 1000 });
    return items.length >= 10 ? items : undefined;
  });
  t.equal(rows.length, Math.floor(record.cursor / 1000) - Math.floor(cursor / 1000));
  t.ok(rows.every(({ status }) => status?.state === 'Skipped' && status.reason === 'Suspended'));
});

t.test('an unseen resume of a suspension that had ended: only what came before its end is Skipped', async (t) => {
  const w = await world(t);
  const end = Math.floor(Date.now() / 1000) * 1000 - 4_000;
  const { cursor, second } = await leftBehind(w, { suspendUntil: new Date(end).toISOString() });
  await apply(w, task('t', SECONDLY));
  const inForce = second();
  await nextLeader(w);
  t.match(await inForce, { cursor: end - 1, suspendedUntil: undefined }, 'what came after it is worked off');
  const rows = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', { limit: 1000 });
    return items.length >= Math.floor((end - 1) / 1000) - Math.floor(cursor / 1000) ? items : undefined;
  });
  t.ok(rows.every(({ spec }) => Date.parse(spec.scheduledTime ?? '') < end));
  t.ok(rows.every(({ status }) => status?.state === 'Skipped' && status.reason === 'Suspended'));
});

t.test('a task that was edited before its first record begins with the schedules it was born with', async (t) => {
  const w = await world(t);
  const [created] = await apply(w, task('t', SECONDLY));
  const { uid, creationTimestamp } = created!.metadata;
  // Three time points pass while nobody leads.
  await clock.sleep(3_000 - (Date.now() % 1_000) + 10);
  await apply(w, task('t', { schedules: [{ name: 'default', every: '1h' }] }));
  const a1 = await agent(w, 'a1');
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  await a1.owns(1);
  const { record } = (await readTriggerRecord(a1.session.current, layout.trigger(uid, '')))!;
  t.match(record, { revision: 2, owner: 'a1' });
  const due = Math.floor(record.cursor / 1000) - Math.floor(Date.parse(creationTimestamp) / 1000);
  const rows = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', { limit: 1000 });
    return items.length >= due ? items : undefined;
  });
  t.ok(due >= 3);
  t.equal(rows.length, due);
  t.ok(rows.every(({ status }) => status?.state === 'Missed' && status.reason === 'SpecChanged'));
});
