import { formatBytes } from '../../../base/index.js';
import { type Package, shortDigest, type Task } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';
import { isoTime } from '../../output/times.js';

/** Versions, the current one marked, and the tasks that run them. */
export async function describePackage(object: Package, description: Description, deps: CliDeps): Promise<void> {
  const { metadata, spec, status } = object;
  const versions = status?.versions ?? [];
  description.field('Description', spec.description ?? '<none>').field('Digest', spec.digest);
  description.table(
    'Versions',
    ['Version', 'Digest', 'Size', 'Format', 'Author', 'Time'],
    versions.map((version) => [
      `${version.version}${version.digest === spec.digest ? ' (current)' : ''}`,
      ...[shortDigest(version.digest), formatBytes(version.bytes), version.format, version.author || '<unknown>'],
      isoTime(Date.parse(version.time)),
    ]),
  );
  const query = { fieldSelector: `spec.run.package.name=${metadata.name}` };
  const path = resourcePath('tasks', metadata.namespace ?? '');
  const { items } = await listAll<Task>(await deps.api(), path, query);
  description.table(
    'Tasks',
    ['Task', 'Version'],
    items.map((task) => {
      const digest = task.spec.run.package?.digest ?? '';
      const version = versions.find((one) => one.digest === digest);
      return [task.metadata.name, version === undefined ? shortDigest(digest) : String(version.version)];
    }),
  );
}
