// ctask rollout history and undo of a package: its versions, and the way back to one of them.
import { CloudTaskError, formatAge, formatBytes } from '../../../base/index.js';
import { type Package, previousVersion, shortDigest } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { renderObject } from '../../output/objects.js';
import { Table } from '../../output/table.js';
import { oneName } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';
import { type HistoryFlags, historyOptions } from '../rollout/history.js';
import { type UndoFlags, undoOptions } from '../rollout/undo.js';
import { chosenVersion } from './choose-version.js';
import { PACKAGE_NAMES } from './package-words.js';

export async function packageHistory(words: readonly string[], flags: HistoryFlags, deps: CliDeps): Promise<void> {
  const options = historyOptions([], flags);
  const { namespace } = await deps.settings();
  for (const word of words) {
    const { name } = oneName(word, PACKAGE_NAMES);
    const object = await (await deps.api()).get<Package>(resourcePath('packages', namespace, name));
    const one = chosenVersion(object, flags.revision === undefined ? {} : { revision: flags.revision });
    const versions = one === undefined ? (object.status?.versions ?? []) : [one];
    if (options.output !== undefined) {
      await deps.out(await renderObject({ items: versions }, options.output));
      continue;
    }
    const headers = ['REVISION', 'DIGEST', 'SIZE', 'AUTHOR', 'AGE', 'CURRENT'];
    const table = new Table({ headers, noHeaders: !flags.headers });
    const rows = versions.map(({ version, digest, bytes, author, time }) => [
      ...[String(version), shortDigest(digest), formatBytes(bytes), author || '<unknown>'],
      ...[formatAge(deps.clock.now() - Date.parse(time)), digest === object.spec.digest ? '*' : ''],
    ]);
    await deps.out(table.render(rows));
  }
}

/** The version that was current before, or the one that is given, becomes the current one. */
export async function undoPackage(words: readonly string[], flags: UndoFlags, deps: CliDeps): Promise<void> {
  const { toRevision, dryRun } = undoOptions([], flags);
  const { namespace } = await deps.settings();
  const api = await deps.api();
  for (const word of words) {
    const { name } = oneName(word, PACKAGE_NAMES);
    const path = resourcePath('packages', namespace, name);
    const object = await api.get<Package>(path);
    const target = toRevision === 0 ? previousVersion(object) : chosenVersion(object, { revision: String(toRevision) });
    if (target === undefined) throw new CloudTaskError('CT_NOT_FOUND', `package "${name}" has no earlier version`);
    const { resourceVersion } = object.metadata;
    await api.send<Package>('PATCH', path, {
      body: { metadata: { resourceVersion }, spec: { digest: target.digest } },
      contentType: 'application/merge-patch+json',
      ...(dryRun === 'none' ? {} : { query: { dryRun: 'All' } }),
    });
    const same = target.digest === object.spec.digest;
    const what = same ? 'unchanged' : `rolled back to version ${target.version}`;
    await deps.out(resultLine('Package', name, what, dryRun));
    if (!same) await deps.say(`tasks keep the version they have; "ctask set package ${name} --all" switches them`);
  }
}
