// What a moved cursor leaves behind is written out whole, however much it is; beyond a limit one row says so.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import { agent, apply, center, eventually, layout, task, world } from '../../../test/support/leading-center.js';
import { taskViewOf } from '../task-view.js';
import type { CursorJump } from './apply-records.js';
import { jumpedPiece, ROWS_PER_JUMP, ROWS_PER_PIECE } from './jumped-points.js';

t.setTimeout(300_000);

const SECONDLY = [{ name: 'default', every: '1s' }];

t.test('2,500 time points behind an edit of the schedule: 2,500 rows and no gap', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const history = { runs: 10_000, age: '90d' }; // more than there will be: nothing is pruned
  const [created] = await apply(w, task('t', { schedules: SECONDLY, history }));
  const { uid } = created!.metadata;
  await a1.owns(1);
  const path = layout.trigger(uid, '');
  const { record, version } = (await readTriggerRecord(a1.session.current, path))!;
  const cursor = record.cursor - 2_500_000;
  const [result] = await claimBatch(a1.session.current, [{ path, version, record: { ...record, cursor } }]);
  if (result instanceof Error) throw result;
  const inForce = a1.allocation.events.next('changed', (entries) => entries[0]?.revision === 2, w.signal);
  await apply(w, task('t', { schedules: [{ name: 'default', every: '1h' }], history }));
  await inForce;
  const to = (await readTriggerRecord(a1.session.current, path))!.record.cursor;
  const first = Math.floor(cursor / 1000) * 1000 + 1000;
  const points = Array.from({ length: Math.floor((to - first) / 1000) + 1 }, (_, i) => first + 1000 * i);
  t.ok(points.length >= 2_500);
  const rows = await eventually(w, async () => {
    const found = await w.store.existingTimePoints(uid, '', points);
    // Read in slices, between which further rows are written: one look may find the last row and miss earlier ones.
    return found.size === points.length ? found : undefined;
  });
  t.ok(rows.has(points.at(-1)!));
});

t.test('beyond the limit one row names the range', async (t) => {
  const [created] = await apply(await world(t), task('t', { schedules: SECONDLY }));
  const view = taskViewOf(created!);
  const record = { taskUid: view.uid, slot: '', owner: 'a1', ownerEpoch: 1, revision: 1, suspended: true };
  const from = { ...record, blockedBy: null };
  const update = { kind: 'update' as const, name: view.uid, taskUid: view.uid, slot: '', from, to: from };
  const jump: CursorJump = { update, from: 0, to: (ROWS_PER_JUMP + 500) * 1000 };
  const piece = (written: number) => jumpedPiece(jump, view, { schedules: SECONDLY }, written * 1000, written);
  t.equal(piece(0).next, ROWS_PER_PIECE * 1000);
  t.match(piece(ROWS_PER_JUMP - ROWS_PER_PIECE), { next: ROWS_PER_JUMP * 1000 });
  const last = piece(ROWS_PER_JUMP);
  t.equal(last.next, undefined);
  t.equal(last.verdicts.length, 1);
  const ended = { ...from, suspended: false, suspendedUntil: 3_000 };
  const edited: CursorJump = { update: { ...update, from: ended }, from: 0, to: 4_000 };
  t.same(
    jumpedPiece(edited, view, { schedules: SECONDLY }, 0, 0).verdicts.map(({ report }) => report.reason),
    ['Suspended', 'Suspended', 'SpecChanged', 'SpecChanged'],
    'up to the end of a suspension it was skipped',
  );
  t.match(last.verdicts[0]?.report, { state: 'Skipped', message: /to 1970-01-01T14:01:40\.000Z: more than 50000/ });
});
