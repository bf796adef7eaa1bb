// What is due, on a line of time.
import type { Instant } from '../../../base/index.js';
import type { TaskObject } from '../api/objects.js';
import { nextPoints } from './schedule.js';

const HOUR_MS = 3_600_000;

/** Lengths that a line of time may have, and how far apart its marks are. */
const SPANS = [
  [1, 0.25],
  [6, 2],
  [24, 6],
  [7 * 24, 24],
] as const;

/** So many points are told apart on a line; more of them are a band. */
const POINTS_MAX = 60;

export interface Lane {
  readonly task: TaskObject;
  /** Within the span, earliest first. */
  readonly points: readonly Instant[];
  /** There are more than are listed, as far as the last one. */
  readonly dense: boolean;
}

export interface Timeline {
  readonly from: Instant;
  /** ms */
  readonly span: number;
  readonly marks: readonly Instant[];
  readonly lanes: readonly Lane[];
}

/**
 * The tasks that are due next, one lane each; the shortest span in which most of them are.
 *
 * @param offset of the local clock to UTC, ms: marks are at whole hours there
 */
export function timelineOf(tasks: readonly TaskObject[], from: Instant, lanes: number, offset: number): Timeline {
  const due = tasks.filter(({ status, spec }) => status?.nextTime !== undefined && !spec.suspend);
  due.sort((a, b) => (a.status!.nextTime! < b.status!.nextTime! ? -1 : 1));
  const shown = due.slice(0, lanes);
  const middle = shown[Math.floor((shown.length - 1) * 0.75)];
  const needed = middle === undefined ? 0 : Date.parse(middle.status!.nextTime!) - from;
  const [hours, apart] = SPANS.find(([each]) => each * HOUR_MS >= needed) ?? SPANS.at(-1)!;
  const span = hours * HOUR_MS;
  return { from, span, marks: marksOf(from, span, apart * HOUR_MS, offset), lanes: shown.map(laneOf(from, span)) };
}

function laneOf(from: Instant, span: number): (task: TaskObject) => Lane {
  return (task) => {
    const points = nextPoints(task, from, POINTS_MAX + 1)
      .map(({ time }) => time)
      .filter((time) => time < from + span);
    return { task, points, dense: points.length > POINTS_MAX };
  };
}

function marksOf(from: Instant, span: number, apart: number, offset: number): readonly Instant[] {
  const first = Math.ceil((from + offset) / apart) * apart - offset;
  const count = Math.ceil((from + span - first) / apart);
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * apart);
}
