import { CircleDot, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { EventObject } from '../api/objects.js';
import { Moment } from './moment.js';
import { toneOf } from './state-badge.js';

/** Events, the latest first. */
export function EventList({ events }: { readonly events: readonly EventObject[] }) {
  const sorted = [...events].sort((a, b) => (a.spec.lastTime > b.spec.lastTime ? -1 : 1));
  return (
    <ol className="events">
      {sorted.map(({ metadata, spec }) => (
        <li key={metadata.uid} className={`event ${toneOf(spec.type)}`}>
          {spec.type === 'Warning' ? <TriangleAlert aria-label="Warning" /> : <CircleDot aria-hidden />}
          <div>
            <p>
              <strong>{spec.reason}</strong> <Regarding {...spec.regarding} />
              {spec.count > 1 && <span className="faint"> ×{spec.count}</span>}
            </p>
            <p className="muted">{spec.message}</p>
          </div>
          <Moment time={spec.lastTime} />
        </li>
      ))}
    </ol>
  );
}

/** Kinds that have pages by namespace and name. */
const PLURALS: Readonly<Record<string, string>> = {
  Task: 'tasks',
  Run: 'runs',
  Notifier: 'notifiers',
  Package: 'packages',
};

function Regarding({ kind, namespace, name }: EventObject['spec']['regarding']) {
  const words = `${kind.toLowerCase()}/${name}`;
  if (kind === 'Agent') return <Link href={`/agents/${name}`}>{words}</Link>;
  const plural = PLURALS[kind];
  if (plural === undefined || namespace === undefined) return <span>{words}</span>;
  return <Link href={`/${plural}/${namespace}/${name}`}>{words}</Link>;
}
