// The manifest of a task as YAML, as `ctask get -o yaml` shows it without what the center keeps for itself.
import { useQuery } from '@tanstack/react-query';
import type { TaskObject } from '../api/objects.js';
import { CommandLine } from '../parts/command-line.js';
import { Loading } from '../parts/notes.js';

export function ManifestView({ task }: { readonly task: TaskObject }) {
  const { name, namespace, resourceVersion } = task.metadata;
  const text = useQuery({
    queryKey: ['yaml', namespace, name, resourceVersion],
    queryFn: async () => (await import('../text/yaml.js')).manifestText(task),
  });
  return (
    <section className="card" aria-label="Manifest">
      <CommandLine command={`ctask edit task/${name} -n ${namespace}`} />
      {text.data === undefined ? <Loading /> : <pre className="manifest">{text.data}</pre>}
    </section>
  );
}
