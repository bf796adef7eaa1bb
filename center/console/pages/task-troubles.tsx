// What is wrong with a task, in words, and what to do about it.
import { Link } from 'wouter';
import { taskState } from '../../../manifests/index.js';
import type { TaskObject } from '../api/objects.js';
import { CommandLine } from '../parts/command-line.js';
import { Moment } from '../parts/moment.js';
import { toneOf } from '../parts/state-badge.js';
import { ctask } from '../text/shell.js';
import { TASK_STATES } from '../text/task-states.js';
import { WORDS } from '../text/troubles.js';

/** Nothing while all is well. */
export function TaskTroubles({ task }: { readonly task: TaskObject }) {
  const { status, metadata } = task;
  const troubles = (status?.conditions ?? []).filter(
    ({ type, status: holds }) => (type === 'Degraded' && holds === 'True') || (type === 'Ready' && holds === 'False'),
  );
  if (troubles.length === 0) return null;
  const state = taskState(task);
  const { meaning, advice } = TASK_STATES[state] ?? {};
  // As grave as its state says in the lists.
  const tone = troubles.some(({ type }) => type === 'Degraded') ? toneOf('Degraded') : toneOf('Unallocated');
  return (
    <section className={`note ${tone} troubles`} aria-label="What is wrong">
      {advice !== undefined && (
        <p>
          <strong>{state}</strong> {meaning}
        </p>
      )}
      {troubles.map(({ type, message, reason }) => (
        <p key={type}>
          {type === 'Degraded' && status?.lastRun !== undefined ? (
            <>
              The last run,{' '}
              <Link href={`/runs/${metadata.namespace}/${status.lastRun.name}`}>{status.lastRun.name}</Link>,{' '}
              {WORDS[status.lastRun.state] ?? status.lastRun.state} <Moment time={status.lastRun.time} />.
            </>
          ) : (
            <>
              {type === 'Ready' ? 'Not ready' : type}: {message} <span className="muted">({reason})</span>
            </>
          )}
        </p>
      ))}
      {advice !== undefined && <p>{advice} The center says more, agent by agent:</p>}
      <CommandLine command={ctask('why', metadata.name, ['-n', metadata.namespace])} />
    </section>
  );
}
