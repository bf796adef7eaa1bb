// 100,000 tasks: every view is drawn, in its window.
import t, { type Test } from 'tap';
import { misfit, SIZES } from '../../../test/support/dashboard-lines.js';
import { largeWorld, NOON } from '../../../test/support/dashboard-objects.js';
import type { Line } from '../text/line.js';
import { doctorLines } from './doctor.js';
import { examine } from './doctor-model.js';
import { pulsesLines } from './pulses.js';
import { buildPulses } from './pulses-model.js';
import { timelineLines } from './timeline.js';
import { buildTimeline } from './timeline-model.js';
import type { Size } from './view-context.js';
import { xrayLines } from './xray.js';
import { buildTaskTree, xrayRows } from './xray-model.js';

const context = { now: NOON, ascii: false };
const world = largeWorld(100_000);

function drawn(t: Test, draw: (size: Size) => Line[]): void {
  for (const size of SIZES) {
    const lines = draw(size);
    t.equal(misfit(lines, size), undefined);
    t.ok(lines.length > 1);
  }
}

t.test('pulses (T-53, I-20)', async (t) => {
  const model = buildPulses(world, NOON);
  t.match(model, { tasks: 100_000, failing: 2000, fires: { length: 10 } });
  drawn(t, (size) => pulsesLines(model, size, context));
});

t.test('timeline', async (t) => {
  const rows = buildTimeline(world.tasks, world.runs, NOON);
  t.equal(rows.length, 100_000);
  drawn(t, (size) => timelineLines({ rows, top: 50_000, selected: 50_001 }, size, context));
});

t.test('doctor', async (t) => {
  const report = examine(world, NOON);
  t.match(report, { tasks: 100_000, counts: { Error: 0, Warning: 5, Note: 1 } });
  drawn(t, (size) => doctorLines({ report, top: 0, selected: 3 }, size, context));
});

t.test('xray', async (t) => {
  const tree = buildTaskTree(world.tasks, world.runs);
  const rows = xrayRows(tree, new Set(tree.map(({ id }) => id)));
  t.equal(rows.length, 100_020);
  drawn(t, (size) => xrayLines({ rows, top: 50_000 }, size, context));
});
