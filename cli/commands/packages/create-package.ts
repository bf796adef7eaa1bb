// ctask create package: a directory or an archive becomes a version of a package.
import { formatBytes, isCloudTaskError } from '../../../base/index.js';
import { currentVersion, type Package } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { Progress } from '../../output/progress.js';
import type { ApiObject } from '../../resources/api-object.js';
import { API_VERSION, qualifiedName, resultLine } from '../../resources/words.js';
import { dryRunMode, FIELD_MANAGER } from '../apply.js';
import { checkObject } from '../check-object.js';
import type { PackageFlags } from './define-create.js';
import { packageFile } from './package-file.js';
import { uploadFile } from './upload.js';

/** A package that exists gets a version: tasks keep the one they have. */
export async function createPackage(name: string, flags: PackageFlags, deps: CliDeps): Promise<void> {
  const format = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const dryRun = dryRunMode(flags.dryRun);
  await checkWithoutDigest(name, flags.description);
  const file = await packageFile(flags.from, deps.signal);
  try {
    if (dryRun !== 'none') {
      await deps.say(`${file.digest}, ${formatBytes(file.bytes)}`);
      return await deps.out(resultLine('Package', name, 'created', dryRun));
    }
    const { namespace } = await deps.settings();
    const api = await deps.api();
    const there = await uploadFile(api, { namespace, name }, file, new Progress(deps.host));
    if (there) await deps.say(`the center has these ${formatBytes(file.bytes)} already: nothing was sent`);
    const { object, operation } = await written(name, namespace, file.digest, flags.description, deps);
    if (format === 'name') return await deps.out(`${qualifiedName('Package', name)}\n`);
    if (format !== undefined) return await deps.out(await renderObject(object as unknown as ApiObject, format));
    const version = currentVersion(object);
    const what = version === undefined ? '' : ` (version ${version.version}, ${formatBytes(version.bytes)})`;
    await deps.out(resultLine('Package', name, `${operation}${what}`));
  } finally {
    await file.discard();
  }
}

/** Before anything is read or sent: a large file would be sent for nothing. */
async function checkWithoutDigest(name: string, description: string | undefined): Promise<void> {
  const object = packageObject({ name }, `sha256:${'0'.repeat(64)}`, description);
  await checkObject(object, 'Package', name);
}

function packageObject(metadata: object, digest: string, description: string | undefined) {
  const spec = { digest, ...(description === undefined ? {} : { description }) };
  return { apiVersion: API_VERSION, kind: 'Package', metadata, spec };
}

async function written(
  name: string,
  namespace: string,
  digest: string,
  description: string | undefined,
  deps: CliDeps,
): Promise<{ object: Package; operation: 'created' | 'configured' | 'unchanged' }> {
  const api = await deps.api();
  const path = resourcePath('packages', namespace, name);
  const body = packageObject({ name, namespace }, digest, description);
  const query = { fieldManager: FIELD_MANAGER };
  const before = await api.get<Package>(path).catch((error: unknown) => {
    if (isCloudTaskError(error, 'CT_NOT_FOUND')) return undefined;
    throw error;
  });
  if (before === undefined) {
    const object = await api.send<Package>('POST', resourcePath('packages', namespace), { query, body });
    return { object, operation: 'created' };
  }
  const patch = { query, body: { spec: body.spec }, contentType: 'application/merge-patch+json' };
  const object = await api.send<Package>('PATCH', path, patch);
  const same = object.metadata.resourceVersion === before.metadata.resourceVersion;
  return { object, operation: same ? 'unchanged' : 'configured' };
}
