import { CircleDot, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { EventObject } from '../api/objects.js';
import { exactTime } from '../text/times.js';
import { Moment } from './moment.js';
import { toneOf } from './state-badge.js';

interface EventListProps {
  readonly events: readonly EventObject[];
  /** They are all about the object of the page: it is not named again. */
  readonly ofPage?: true;
}

/** Events, the latest first. */
export function EventList({ events, ofPage }: EventListProps) {
  const sorted = [...events].sort((a, b) => (a.spec.lastTime > b.spec.lastTime ? -1 : 1));
  return (
    <ol className="events">
      {sorted.map(({ metadata, spec }) => (
        <li key={metadata.uid} className={`event ${toneOf(spec.type)}`}>
          {spec.type === 'Warning' ? <TriangleAlert aria-label="Warning" /> : <CircleDot aria-hidden />}
          <div>
            <p>
              <strong>{spec.reason}</strong>
              {spec.count > 1 && (
                <span
                  className="muted number"
                  title={`${spec.count} times since ${exactTime(Date.parse(spec.firstTime))}`}
                >
                  {' '}
                  ×{spec.count.toLocaleString('en')}
                </span>
              )}{' '}
              {!ofPage && <Regarding {...spec.regarding} />}
            </p>
            <Message {...spec} />
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
  if (kind === 'Cluster') return <Link href={`/clusters/${name}`}>{words}</Link>;
  const plural = PLURALS[kind];
  const where = namespace === undefined ? null : <span className="muted"> in {namespace}</span>;
  if (plural === undefined || namespace === undefined) {
    return (
      <span>
        {words}
        {where}
      </span>
    );
  }
  return (
    <>
      <Link href={`/${plural}/${namespace}/${name}`}>{words}</Link>
      {where}
    </>
  );
}

/** What an event of a task says of one of its runs leads there. */
function Message({ message, regarding: { kind, namespace, name } }: EventObject['spec']) {
  const run = kind === 'Task' ? /^run (\S+)/.exec(message)?.[1] : undefined;
  if (run === undefined || namespace === undefined || !run.startsWith(`${name}-`)) {
    return <p className="muted">{message.charAt(0).toUpperCase() + message.slice(1)}</p>;
  }
  return (
    <p className="muted">
      Run <Link href={`/runs/${namespace}/${run}`}>{run}</Link>
      {message.slice('run '.length + run.length)}
    </p>
  );
}
