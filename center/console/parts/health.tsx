// Whether all is well, said first.
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { Trouble } from '../text/troubles.js';
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
        {(rest > 0 || uncounted) && (
          <li>
            <Link href="/tasks?state=Degraded">and {uncounted ? 'many' : rest.toLocaleString('en')} more</Link>
          </li>
        )}
      </ul>
    </section>
  );
}

function countWords(count: number, uncounted: boolean): string {
  if (uncounted) return 'More than 1,000 things need';
  return count === 1 ? 'One thing needs' : `${count.toLocaleString('en')} things need`;
}
