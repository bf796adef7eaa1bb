// On demand: YAML is a library of its own, and few pages need it.
import { stringify } from 'yaml';
import type { TaskObject } from '../api/objects.js';

/** What the user declared, as YAML; without what the center adds. */
export function manifestText({ metadata, spec }: TaskObject): string {
  const { name, namespace, labels, annotations } = metadata;
  const own = { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
  return stringify(
    { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name, namespace, ...own }, spec },
    { lineWidth: 0 },
  );
}
