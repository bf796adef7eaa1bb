// What a task becomes when it goes back to a revision, beside what it is.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { ErrorNote, Loading } from '../parts/notes.js';
import { YamlEditor } from '../parts/yaml-editor.js';
import { manifestText } from '../text/yaml.js';

interface RevisionPreviewProps {
  readonly task: TaskObject;
  readonly revision: number;
}

/** The center says what would come of it: an undo leaves some fields alone. */
export function RevisionPreview({ task, revision }: RevisionPreviewProps) {
  const { namespace, name, uid, generation } = task.metadata;
  const preview = useQuery({
    queryKey: ['undo', uid, generation, revision],
    queryFn: () =>
      request<{ object: TaskObject }>(pathOf('tasks', namespace, name, 'undo'), {
        ...{ method: 'POST', query: { dryRun: 'All' }, body: { toRevision: revision } },
      }),
  });
  const now = useMemo(() => manifestText(task), [task]);
  if (preview.error !== null) return <ErrorNote error={preview.error} />;
  if (preview.data === undefined) return <Loading lines={4} />;
  return (
    <div className="preview">
      <YamlEditor
        label={`Revision ${revision} against now`}
        text={manifestText(preview.data.object)}
        onChange={() => undefined}
        problems={NONE}
        original={now}
        readOnly
      />
    </div>
  );
}

const NONE: readonly never[] = [];
