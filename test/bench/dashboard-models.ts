// What the views of many objects cost in each second: 10,000 tasks, 5,000 runs, 100 changes a second; and a log of 100,000 lines.
// The goal is 20 ms of processor time a second for what one view needs (T-53 leaves 300).
import { LogBuffer } from '../../cli/dashboard/text/log-buffer.js';
import { LogView } from '../../cli/dashboard/text/log-view.js';
import { doctorLines } from '../../cli/dashboard/views/doctor.js';
import { examine } from '../../cli/dashboard/views/doctor-model.js';
import { logsLines } from '../../cli/dashboard/views/logs.js';
import { pulsesLines } from '../../cli/dashboard/views/pulses.js';
import { buildPulses } from '../../cli/dashboard/views/pulses-model.js';
import { timelineLines } from '../../cli/dashboard/views/timeline.js';
import { buildTimeline } from '../../cli/dashboard/views/timeline-model.js';
import { xrayLines } from '../../cli/dashboard/views/xray.js';
import { buildTaskTree, xrayRows } from '../../cli/dashboard/views/xray-model.js';
import { largeWorld, NOON, type World } from '../support/dashboard-objects.js';
import { printReport, report, summarise } from './figures.js';

const SECONDS = 60;
const CHANGES = 50;
const GOAL_MS = 20;
/** 20 frames a second (T-41). */
const FRAME_MS = 50;
const SIZE = { width: 120, height: 40 };

/** New versions of objects, as a watch would bring them: 50 tasks and 50 runs. */
function change({ tasks, runs }: World, second: number): void {
  for (let i = 0; i < CHANGES; i += 1) {
    for (const objects of [tasks, runs]) {
      const at = (second * CHANGES + i * 17) % objects.length;
      objects[at] = structuredClone(objects[at]!) as never;
    }
  }
}

function secondsOf(world: World, view: (now: number) => unknown): number[] {
  const spent: number[] = [];
  for (let second = 0; second < SECONDS; second += 1) {
    change(world, second);
    const before = process.cpuUsage();
    view(NOON + second * 1000);
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1000);
  }
  return spent;
}

function told(what: string, spent: readonly number[], goal = GOAL_MS): void {
  // The first second reads every object once, and warms the program up.
  const { p50, max } = summarise(spent.slice(1));
  report(
    what,
    `${p50.toFixed(1)} ms (max ${max.toFixed(1)}, first ${spent[0]?.toFixed(0)})`,
    '',
    undefined,
    `<= ${goal} ms`,
    p50 <= goal,
  );
}

const world = largeWorld(10_000);
const context = (now: number) => ({ now, ascii: false });
told(
  'pulses, a second',
  secondsOf(world, (now) => pulsesLines(buildPulses(world, now), SIZE, context(now))),
);
told(
  'timeline, a second',
  secondsOf(world, (now) => {
    const rows = buildTimeline(world.tasks, world.runs, now);
    return timelineLines({ rows, top: 5000 }, SIZE, context(now));
  }),
);
told(
  'doctor, a second',
  secondsOf(world, (now) => doctorLines({ report: examine(world, now), top: 0, selected: 0 }, SIZE, context(now))),
);
const shut = new Set<string>();
const open = new Set(buildTaskTree(world.tasks, world.runs).map(({ id }) => id));
for (const [name, nodes] of [
  ['shut', shut],
  ['all namespaces open', open],
] as const) {
  told(
    `xray ${name}, a second`,
    secondsOf(world, (now) => {
      const rows = xrayRows(buildTaskTree(world.tasks, world.runs), nodes);
      return xrayLines({ rows, top: Math.floor(rows.length / 2) }, SIZE, context(now));
    }),
  );
}

const buffer = new LogBuffer();
const view = new LogView(buffer);
const time = new Date(NOON).toISOString();
const before = performance.now();
for (let i = 0; i < 1000; i += 1) {
  const bytes = Buffer.from(
    `\u001b[32mline\u001b[0m ${i} of a log that is read, 日本語, ${'x'.repeat(i % 150)}\n`.repeat(100),
  );
  buffer.append({ stream: 'stdout', attempt: 1, time, offset: i, nextOffset: i + 1, bytes });
}
const spent = performance.now() - before;
report('100,000 lines of a log taken in', `${spent.toFixed(0)} ms`, '', undefined, '<= 4000 ms', spent <= 4000);
view.toggleWrap();
logsLines({ view }, SIZE, context(NOON));
const frames = secondsOf(world, (now) => {
  view.page(-1);
  return logsLines({ view }, SIZE, context(now));
});
told('a page up in it, a frame', frames, FRAME_MS);
view.toTop();
told(
  'a pattern over it',
  secondsOf(world, () => view.search('line \\d+9 of')),
  FRAME_MS,
);
printReport();
