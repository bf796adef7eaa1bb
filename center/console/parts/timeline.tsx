// What is due next: a lane for each task, from now on.
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { TaskObject } from '../api/objects.js';
import { ambiguousNames } from '../text/names.js';
import { type Lane, timelineOf } from '../text/timeline.js';
import { minuteIn, offsetOf, shownZone, timeIn, weekdayIn } from '../text/times.js';
import { Moment } from './moment.js';

interface TimelineProps {
  readonly tasks: readonly TaskObject[];
  /** Begins here; told anew each minute. */
  readonly from: number;
  readonly lanes: number;
}

const DAY_MS = 24 * 3_600_000;
const HEIGHT = 28;

export function Timeline({ tasks, from, lanes }: TimelineProps) {
  const zone = shownZone();
  const offset = offsetOf(zone, from);
  const line = useMemo(() => timelineOf(tasks, from, lanes, offset), [tasks, from, lanes, offset]);
  const ambiguous = ambiguousNames(line.lanes.map(({ task: { metadata } }) => metadata));
  const at = (time: number) => `${(100 * (time - from)) / line.span}%`;
  return (
    <div className="timeline">
      <ol className="lanes">
        {line.lanes.map((lane) => (
          <li key={lane.task.metadata.uid}>
            <Link
              className="main-link"
              href={`/tasks/${lane.task.metadata.namespace}/${lane.task.metadata.name}`}
              title={`${lane.task.metadata.name} in ${lane.task.metadata.namespace}`}
            >
              {lane.task.metadata.name}
              {ambiguous.has(lane.task.metadata.name) && <span className="faint"> {lane.task.metadata.namespace}</span>}
            </Link>
            <svg className="lane" height={HEIGHT} role="img" aria-label={wordsFor(lane)}>
              {line.marks.map((mark) => (
                <line key={mark} className="mark" x1={at(mark)} x2={at(mark)} y1="0" y2={HEIGHT} />
              ))}
              <line className="rail" x1="0" x2="100%" y1={HEIGHT / 2} y2={HEIGHT / 2} />
              <Points lane={lane} at={at} />
            </svg>
            <Moment time={lane.task.status?.nextTime} ahead />
          </li>
        ))}
      </ol>
      <div className="lane-marks">
        <svg className="lane" height="16" aria-hidden="true">
          {line.marks.map((mark) => (
            <text key={mark} x={at(mark)} y="12" textAnchor="middle">
              {line.span > DAY_MS ? weekdayIn(zone, mark) : minuteIn(zone, mark)}
            </text>
          ))}
        </svg>
      </div>
    </div>
  );
}

interface PointsProps {
  readonly lane: Lane;
  readonly at: (time: number) => string;
}

function Points({ lane: { points, dense }, at }: PointsProps) {
  if (dense) {
    return (
      <rect className="band" x={at(points[0]!)} width="100%" y={HEIGHT / 2 - 3} height="6" rx="3">
        <title>More often than is told apart here</title>
      </rect>
    );
  }
  return points.map((time) => (
    <circle key={time} className="point" cx={at(time)} cy={HEIGHT / 2} r="4.5">
      <title>{timeIn(shownZone(), time)}</title>
    </circle>
  ));
}

function wordsFor({ points, dense }: Lane): string {
  if (points.length === 0) return 'not within the line';
  if (dense) return `more than ${points.length - 1} times`;
  return `${points.length} ${points.length === 1 ? 'time' : 'times'}, first at ${timeIn(shownZone(), points[0]!)}`;
}
