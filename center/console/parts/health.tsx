// Whether all is well, said first.
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import { type Trouble, WORDS } from '../text/troubles.js';
import { Moment } from './moment.js';

interface HealthProps {
  readonly troubles: readonly Trouble[];
  /** So many more there are. */
  readonly unseen: number;
  /** And more than anybody has counted. */
  readonly uncounted: boolean;
  /** What is well, when all is. */
  readonly calm: string;
}

/** More than these are counted. */
const SHOWN = 4;

export function Health({ troubles, unseen, uncounted, calm }: HealthProps) {
  if (troubles.length === 0) {
    return (
      <section className="health good" aria-label="Health">
        <CircleCheck aria-hidden />
        <h2>All is well</h2>
        <p className="muted">{calm}</p>
      </section>
    );
  }
  const count = troubles.length + unseen;
  const rest = count - Math.min(SHOWN, troubles.length);
  const where = placeOf(troubles, unseen > 0 || uncounted);
  const more = `and ${uncounted ? 'many' : rest.toLocaleString('en')} more`;
  return (
    <section className="health bad" aria-label="Health">
      <TriangleAlert aria-hidden />
      <h2>{countWords(count, uncounted)} a look</h2>
      <ul>
        {troubles.slice(0, SHOWN).map(({ name, words, path, since }) => (
          <li key={path}>
            <Link href={path}>{name}</Link> {words}{' '}
            {since !== undefined && (
              <span className="muted">
                <Moment time={since} />
              </span>
            )}
          </li>
        ))}
        {(rest > 0 || uncounted) && <li>{where === undefined ? more : <Link href={where}>{more}</Link>}</li>}
      </ul>
    </section>
  );
}

const isTask = ({ path }: Trouble): boolean => path.startsWith('/tasks/');

/** Page with all that is not shown here; undefined when no page has all of it. @param further whether there are tasks beyond these */
function placeOf(troubles: readonly Trouble[], further: boolean): string | undefined {
  const hidden = troubles.slice(SHOWN);
  // Tasks that are only counted are in trouble for the reasons of those that are not.
  const all = further ? [...hidden, ...troubles.filter(isTask)] : hidden;
  const places = new Set(all.map(listOf));
  if (places.size <= 1) return [...places][0] ?? '/tasks';
  return all.every(isTask) ? '/tasks' : undefined;
}

const OF_RUNS: ReadonlySet<string> = new Set(Object.values(WORDS));

/** Of a task, those in the same trouble: what became of a run, or that there can be none. */
function listOf(trouble: Trouble): string {
  if (!isTask(trouble)) return `/${trouble.path.split('/')[1]}`;
  return `/tasks?state=${OF_RUNS.has(trouble.words) ? 'Degraded' : 'Unallocated'}`;
}

function countWords(count: number, uncounted: boolean): string {
  if (uncounted) return 'More than 1,000 things need';
  return count === 1 ? 'One thing needs' : `${count.toLocaleString('en')} things need`;
}
