import { Link } from 'wouter';
import { rulesOf } from '../actions/notify-actions.js';
import type { RunObject, TaskObject } from '../api/objects.js';
import { Notifications } from '../parts/notification-table.js';
import { ChangeNotify, NotifyCard } from '../parts/notify-card.js';
import { NotifyRules } from '../parts/notify-rules.js';
import { useLive } from '../state/use-live.js';

interface TaskNotificationsProps {
  readonly task: TaskObject;
  readonly runs: readonly RunObject[];
}

/** Who is told of a task, by its own word or by that of its namespace, and what was told. */
export function TaskNotifications({ task, runs }: TaskNotificationsProps) {
  const ended = runs.map(({ status }) => status?.endTime ?? '').sort();
  const { namespace, name } = task.metadata;
  return (
    <>
      <NotifyCard
        title="Who is told"
        object={task}
        otherwise={
          rulesOf(task) === undefined ? (
            <Inherited namespace={namespace} />
          ) : (
            <p className="muted">Nobody: the task says so itself, whatever its namespace says.</p>
          )
        }
      >
        {(rulesOf(task) ?? []).length > 0 && (
          <p className="muted under">The task says so itself; what its namespace says does not count for it.</p>
        )}
      </NotifyCard>
      <Notifications plural="tasks" namespace={namespace} name={name} news={ended.at(-1) ?? ''} />
    </>
  );
}

/** What counts for a task that says nothing. */
function Inherited({ namespace }: { readonly namespace: string }) {
  const namespaces = useLive('namespaces');
  const object = namespaces.items.find(({ metadata }) => metadata.name === namespace);
  const rules = object === undefined ? [] : (rulesOf(object) ?? []);
  if (object === undefined && namespaces.phase === 'loading') return <p className="muted">…</p>;
  return (
    <>
      {rules.length === 0 ? (
        <p className="muted">
          Nobody: neither the task nor its namespace {namespace} names a <Link href="/notifiers">notifier</Link>.
        </p>
      ) : (
        <NotifyRules rules={rules} home={namespace} />
      )}
      {rules.length > 0 && (
        <p className="muted under">By word of the namespace {namespace}; the task says nothing itself.</p>
      )}
      {object !== undefined && (
        <p className="under">
          <ChangeNotify object={object}>{`Change it for all of ${namespace}`}</ChangeNotify>
        </p>
      )}
    </>
  );
}
