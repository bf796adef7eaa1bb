// What a task was before, and the way back.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { post } from '../actions/action.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { Moment } from '../parts/moment.js';
import { ErrorNote, Loading } from '../parts/notes.js';
import { exactTime } from '../text/times.js';

/** With the editor, which few visits need. */
const RevisionPreview = lazy(() =>
  import('./revision-preview.js').then((module) => ({ default: module.RevisionPreview })),
);

interface Revision {
  readonly revision: number;
  readonly time?: string;
  readonly author?: string;
  readonly cause?: string;
}

export function Revisions({ task }: { readonly task: TaskObject }) {
  const { namespace, name, generation } = task.metadata;
  const path = pathOf('tasks', namespace, name);
  const revisions = useQuery({
    queryKey: ['revisions', task.metadata.uid, generation],
    queryFn: () => request<{ items: readonly Revision[] }>(`${path}/revisions`),
  });
  if (revisions.error !== null) return <ErrorNote error={revisions.error} />;
  if (revisions.data === undefined) return <Loading lines={3} />;
  const sorted = [...revisions.data.items].sort((a, b) => b.revision - a.revision);
  const undo = {
    name: 'Go back to it',
    question: ({ revision }: Revision) => `Go back to revision ${revision} of ${name}?`,
    verb: 'undo',
    right: () => ({ verb: 'undo', plural: 'tasks', namespace }),
    warning: ({ revision }: Revision) => `${name} gets the specification of revision ${revision} again.`,
    preview: ({ revision }: Revision) => (
      <Suspense fallback={<Loading lines={4} />}>
        <RevisionPreview task={task} revision={revision} />
      </Suspense>
    ),
    possible: ({ revision }: Revision) => revision !== sorted[0]?.revision,
    command: ({ revision }: Revision) => `ctask rollout undo task/${name} --to-revision ${revision} -n ${namespace}`,
    done: ({ revision }: Revision) => `${name} is as it was at revision ${revision}`,
    request: ({ revision }: Revision) => post(`${path}/undo`, { toRevision: revision }),
  };
  return (
    <div className="table-box">
      <table className="data stacked">
        <caption className="visually-hidden">Revisions</caption>
        <thead>
          <tr>
            <th scope="col">Revision</th>
            <th scope="col">When</th>
            <th scope="col">By</th>
            <th scope="col">Why</th>
            <th scope="col" aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {sorted.map((revision, index) => (
            <tr key={revision.revision}>
              <td className="lead">
                <span className="number">{revision.revision}</span>
                {index === 0 && <span className="tag">current</span>}
              </td>
              <td data-label="When">
                <Moment time={revision.time} />
                {revision.time !== undefined && <small>{exactTime(Date.parse(revision.time))}</small>}
              </td>
              <td data-label="By">{revision.author ?? <span className="faint none">–</span>}</td>
              <td data-label="Why" className="breaks">
                {revision.cause ?? <span className="faint none">–</span>}
              </td>
              <td data-label="Actions">
                {index === 0 ? (
                  sorted.length === 1 && <span className="muted">No earlier revision</span>
                ) : (
                  <ActionButtons object={revision} actions={[undo]} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
