// The next time points in three zones: the task's, the one of whoever looks, and UTC.
import { useMemo } from 'react';
import type { TaskObject } from '../api/objects.js';
import { Moment } from '../parts/moment.js';
import { useNow } from '../state/use-now.js';
import { nextPoints } from '../text/schedule.js';
import { here, timeIn } from '../text/times.js';

const COUNT = 6;

export function NextTimes({ task }: { readonly task: TaskObject }) {
  const now = useNow();
  const zones = useMemo(() => [...new Set([task.spec.timeZone ?? 'UTC', here(), 'UTC'])], [task.spec.timeZone]);
  const ahead = useMemo(() => nextPoints(task, Date.now(), 2 * COUNT), [task]);
  const left = ahead.filter(({ time }) => time > now).slice(0, COUNT);
  // Those that were computed ahead are used up: a task that fires every second would compute every second.
  const points = left.length >= COUNT || ahead.length < 2 * COUNT ? left : nextPoints(task, now, COUNT);
  return (
    <section className="card" aria-label="Next runs">
      <header className="card-head">
        <h2>Next runs</h2>
        {points[0] !== undefined && (
          <span className="muted">
            the first <Moment time={points[0].time} ahead />
          </span>
        )}
      </header>
      {points.length === 0 ? (
        <p className="faint">None is ahead.</p>
      ) : (
        <div className="table-box flat">
          <table className="data times">
            <thead>
              <tr>
                {zones.map((zone, index) => (
                  <th key={zone} scope="col" className={index < 2 ? undefined : 'hide-narrow'}>
                    {zone}
                    {zone === here() && zones.length > 1 && <span className="faint"> (here)</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map(({ time, note, schedule }) => (
                <tr key={`${schedule} ${time}`}>
                  {zones.map((zone, index) => (
                    <td key={zone} className={index < 2 ? undefined : 'hide-narrow'}>
                      <span className="number">{timeIn(zone, time)}</span>
                      {index === 0 && note !== undefined && <small>{note}</small>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
