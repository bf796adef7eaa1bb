// What was told, and whether it has arrived: of a notifier, or of a task.
import { Link } from 'wouter';
import type { NotificationEntry } from '../../../manifests/index.js';
import { useNotifications } from '../state/use-notifications.js';
import { Moment } from './moment.js';
import { ErrorNote, Loading } from './notes.js';
import { StateBadge } from './state-badge.js';

interface NotificationsProps {
  /** Of a notifier, or about a task. */
  readonly plural: 'notifiers' | 'tasks';
  readonly namespace: string;
  readonly name: string;
  /** What may have led to more of them. */
  readonly news?: string;
}

export function Notifications({ plural, namespace, name, news }: NotificationsProps) {
  const { data, error } = useNotifications(plural, namespace, name, news);
  return (
    <section aria-label="Latest notifications">
      <h2 className="section-head">Latest notifications</h2>
      {error !== null ? (
        <ErrorNote error={error} />
      ) : data === undefined ? (
        <Loading lines={3} />
      ) : data.items.length === 0 ? (
        <p className="muted">
          {plural === 'tasks' ? 'Nobody was told anything of it' : 'Nothing was told by it'} in the last seven days.
        </p>
      ) : (
        <NotificationTable entries={data.items} ofTask={plural === 'tasks'} />
      )}
    </section>
  );
}

interface NotificationTableProps {
  readonly entries: readonly NotificationEntry[];
  readonly ofTask: boolean;
}

function NotificationTable({ entries, ofTask }: NotificationTableProps) {
  return (
    <div className="table-box">
      <table className="data stacked notifications">
        <caption className="visually-hidden">Notifications, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">{ofTask ? 'By' : 'About'}</th>
            <th scope="col">Happened</th>
            <th scope="col">State</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className="lead" data-label="What">
                <What entry={entry} />
              </td>
              <td data-label={ofTask ? 'By' : 'About'}>{ofTask ? <By entry={entry} /> : <About entry={entry} />}</td>
              <td data-label="Happened">
                <Moment time={entry.time} />
              </td>
              <td data-label="State">
                <StateBadge state={STATES[entry.state]} />
              </td>
              <td data-label="Outcome">
                {entry.state === 'Sent' && (
                  <>
                    sent <Moment time={entry.finishTime} />
                  </>
                )}
                <Trouble entry={entry} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `Failed` would be taken for the state of a run. */
const STATES: Readonly<Record<NotificationEntry['state'], string>> = {
  Pending: 'Waiting',
  Sent: 'Sent',
  Failed: 'GivenUp',
};

function What({ entry: { event, run, regarding } }: { readonly entry: NotificationEntry }) {
  if (run === undefined || regarding?.namespace === undefined) return <strong>{event}</strong>;
  return (
    <>
      <Link className="main-link" href={`/runs/${regarding.namespace}/${run}`}>
        {event}
      </Link>
      <small>{run}</small>
    </>
  );
}

function About({ entry: { event, regarding } }: { readonly entry: NotificationEntry }) {
  if (regarding === undefined) return <span className="faint">{event === 'Test' ? 'the notifier itself' : '–'}</span>;
  const { kind, namespace, name } = regarding;
  const path = kind === 'Task' ? `/tasks/${namespace}/${name}` : `/${kind.toLowerCase()}s/${name}`;
  return <Link href={path}>{name}</Link>;
}

function By({ entry: { notifier, to } }: { readonly entry: NotificationEntry }) {
  return (
    <>
      <Link href={`/notifiers/${notifier.namespace}/${notifier.name}`}>{notifier.name}</Link>
      {to !== undefined && <small>to {to.join(', ')}</small>}
    </>
  );
}

/** Why it waits, or what was wrong in spite of it. */
function Trouble({ entry: { state, attempts, error } }: { readonly entry: NotificationEntry }) {
  if (error !== undefined) {
    return (
      <small className={state === 'Sent' ? undefined : 'problem'}>
        {error}
        {state === 'Pending' && attempts > 0 && ` (${attempts} ${attempts === 1 ? 'try' : 'tries'})`}
      </small>
    );
  }
  return state === 'Pending' ? <span className="faint">{attempts === 0 ? 'not tried yet' : 'on its way'}</span> : null;
}
