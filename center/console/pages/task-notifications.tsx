import { Link } from 'wouter';
import { clusterOf, rulesOf, type Told, toldOf } from '../actions/notify-actions.js';
import type { RunObject, TaskObject } from '../api/objects.js';
import { LiveNote } from '../parts/notes.js';
import { Notifications } from '../parts/notification-table.js';
import { ChangeNotify, NotifyCard } from '../parts/notify-card.js';
import { NotifyRules } from '../parts/notify-rules.js';
import { useListed } from '../state/use-listed.js';
import { useLive } from '../state/use-live.js';
import { useRights } from '../state/use-rights.js';

interface TaskNotificationsProps {
  readonly task: TaskObject;
  readonly runs: readonly RunObject[];
}

/** Who is told of a task, by its own word or by that of its namespace or cluster, and what was told. */
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
            <Inherited task={task} />
          ) : (
            <p className="muted">Nobody: the task says so itself, whatever its namespace and its cluster say.</p>
          )
        }
      >
        {(rulesOf(task) ?? []).length > 0 && (
          <p className="muted under">
            The task says so itself; what its namespace and its cluster say does not count for it.
          </p>
        )}
      </NotifyCard>
      <Notifications plural="tasks" namespace={namespace} name={name} news={ended.at(-1) ?? ''} />
    </>
  );
}

/** What counts for a task that says nothing. */
function Inherited({ task }: { readonly task: TaskObject }) {
  const { namespace } = task.metadata;
  const namespaces = useLive('namespaces');
  const object = namespaces.items.find(({ metadata }) => metadata.name === namespace);
  if (object === undefined && namespaces.phase === 'loading') return <p className="muted">…</p>;
  const told = toldOf(task, object, undefined);
  return (
    <>
      {told !== undefined ? (
        <ByNamespace told={told} namespace={namespace} />
      ) : object !== undefined || namespaces.phase === 'live' ? (
        <ByCluster task={task} />
      ) : (
        // What the namespace says counts first, and nobody knows it.
        <LiveNote live={namespaces} what="namespaces" />
      )}
      {object !== undefined && (
        <p className="under">
          <ChangeNotify object={object}>{`Change it for all of ${namespace}`}</ChangeNotify>
        </p>
      )}
    </>
  );
}

function ByNamespace({ told, namespace }: { readonly told: Told; readonly namespace: string }) {
  if (told.rules.length === 0) {
    return (
      <p className="muted">
        {told.others === 0
          ? `Nobody: the namespace ${namespace} says so of tasks that say nothing themselves.`
          : `Nobody: no entry of the namespace ${namespace} is about a task with these labels.`}
      </p>
    );
  }
  return (
    <>
      <NotifyRules rules={told.rules} home={told.home} />
      <p className="muted under">By word of the namespace {namespace}; the task says nothing itself.</p>
    </>
  );
}

function ByCluster({ task }: { readonly task: TaskObject }) {
  const { namespace } = task.metadata;
  const name = clusterOf(task);
  const permission = useRights()({ verb: 'list', plural: 'clusters' });
  const clusters = useListed('clusters', { wanted: permission.allowed });
  if (!permission.allowed && permission.reason !== undefined) {
    return (
      <p className="muted">
        Whom the cluster {name} names: neither the task nor its namespace {namespace} says anything. {permission.reason}
        .
      </p>
    );
  }
  if (clusters.phase === 'loading') return <p className="muted">…</p>;
  const cluster = clusters.items.find(({ metadata }) => metadata.name === name);
  if (cluster === undefined && clusters.phase !== 'live') return <LiveNote live={clusters} what="clusters" />;
  const link = <Link href={`/clusters/${name}`}>{name}</Link>;
  const { rules, others, home } = toldOf(task, undefined, cluster) ?? { rules: [], others: 0, home: '' };
  if (rules.length === 0) {
    return others === 0 ? (
      <p className="muted">
        Nobody: neither the task, its namespace {namespace} nor its cluster {link} names a{' '}
        <Link href="/notifiers">notifier</Link>.
      </p>
    ) : (
      <p className="muted">Nobody: no entry of the cluster {link} is about this task.</p>
    );
  }
  return (
    <>
      <NotifyRules rules={rules} home={home} />
      <p className="muted under">
        By word of the cluster {link}; neither the task nor its namespace {namespace} says anything.
      </p>
    </>
  );
}
