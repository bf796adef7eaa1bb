// Which version of a package a task runs. It is filled in when the task does not say, and stays when the package moves on:
// uploading changes no task.
import type { ErrorCause } from '../../../base/index.js';
import type { AnyObject, ManagedFieldsEntry, Package, PackageRef, Task } from '../../../manifests/index.js';
import { inList } from '../database.js';
import type { Content } from '../merge-object.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
type Pinned = { readonly content: Content } | { readonly causes: readonly ErrorCause[] };

/** Manager of the verb that switches tasks to another version. What it has set is nobody's wish for a name. */
export const SWITCH_MANAGER = 'ctask-set-package';

const DIGEST_LEAF = '/spec/run/package/digest';
/** A cheap look before the text of a specification is parsed: most tasks have no package. */
const MENTIONS_PACKAGE = '"package":{"';

interface KnownPackage {
  current: string;
  readonly digests: Set<string>;
}

/** The packages that the tasks of a batch name, as they are, or become with the same batch. */
export class PackagePins {
  private readonly tx: Transaction;
  private readonly packages: ReadonlyMap<string, KnownPackage>;

  private constructor(tx: Transaction, packages: ReadonlyMap<string, KnownPackage>) {
    this.tx = tx;
    this.packages = packages;
  }

  static async read(tx: Transaction, objects: readonly AnyObject[]): Promise<PackagePins> {
    const wanted = new Map<string, Set<string>>();
    for (const object of objects) {
      const name = object.kind === 'Task' ? object.spec.run?.package?.name : undefined;
      const { namespace = '' } = object.metadata;
      if (name !== undefined) wanted.set(namespace, (wanted.get(namespace) ?? new Set()).add(name));
    }
    const packages = new Map<string, KnownPackage>();
    if (wanted.size === 0) return new PackagePins(tx, packages);
    for (const [namespace, names] of wanted) {
      const rows = await tx.write
        .selectFrom('objects')
        .select(['name', 'spec', 'status'])
        .where('kind', '=', 'Package')
        .where('namespace', '=', namespace)
        .where(inList(tx, 'name', [...names]))
        .execute();
      for (const { name, spec, status } of rows) packages.set(`${namespace}/${name}`, known(spec, status));
    }
    for (const object of objects) {
      if (object.kind !== 'Package') continue;
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const digests = packages.get(key)?.digests ?? new Set();
      packages.set(key, { current: object.spec.digest, digests: digests.add(object.spec.digest) });
    }
    return new PackagePins(tx, packages);
  }

  /** What a task comes to with its version; `given` is what its author wrote. */
  async pin(given: AnyObject, before: ObjectRow | undefined, content: Content): Promise<Pinned> {
    if (given.kind !== 'Task' || !content.spec.includes(MENTIONS_PACKAGE)) return { content };
    const spec = JSON.parse(content.spec) as Task['spec'];
    const ref = spec.run.package;
    if (ref === undefined) return { content };
    const was = packageOf(before);
    const named = was?.name === ref.name;
    if (named && was.digest === ref.digest) return { content };
    const wished = ref.digest !== undefined && (named || isWished(given, content));
    if (wished) return this.checked(given, before, ref, content);
    const found = this.packages.get(`${given.metadata.namespace ?? ''}/${ref.name}`);
    const digest = named ? was.digest : found?.current;
    if (digest === undefined) return { causes: [unknownPackage(given, ref)] };
    const run = { ...spec.run, package: { name: ref.name, digest } };
    const next = JSON.stringify({ ...spec, run });
    return { content: { ...content, spec: next === before?.spec ? before.spec : next } };
  }

  private async checked(
    given: AnyObject,
    before: ObjectRow | undefined,
    ref: PackageRef,
    content: Content,
  ): Promise<Pinned> {
    const found = this.packages.get(`${given.metadata.namespace ?? ''}/${ref.name}`);
    if (found === undefined) return { causes: [unknownPackage(given, ref)] };
    if (found.digests.has(ref.digest!)) return { content };
    // One that the package has let go may still be undone to.
    if (before !== undefined && (await this.hadOnce(before.uid, ref.digest!))) return { content };
    const message = `spec.run.package.digest: package "${ref.name}" has no version ${ref.digest}`;
    return { causes: [{ reason: 'FieldValueNotFound', field: 'spec.run.package.digest', message }] };
  }

  private async hadOnce(taskUid: string, digest: string): Promise<boolean> {
    const row = await this.tx.write
      .selectFrom('task_revisions')
      .select('revision')
      .where('task_uid', '=', taskUid)
      .where('spec', 'like', `%"${digest}"%`)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }
}

function known(spec: string, status: string | null): KnownPackage {
  const { digest } = JSON.parse(spec) as Package['spec'];
  const { versions = [] } = JSON.parse(status ?? '{}') as NonNullable<Package['status']>;
  return { current: digest, digests: new Set([digest, ...versions.map((version) => version.digest)]) };
}

function packageOf(row: ObjectRow | undefined): PackageRef | undefined {
  if (row === undefined || !row.spec.includes(MENTIONS_PACKAGE)) return undefined;
  return (JSON.parse(row.spec) as Task['spec']).run.package;
}

/** Somebody has said this digest. Otherwise it is left over from the package that the task named before. */
function isWished(given: AnyObject, content: Content): boolean {
  if (given.kind === 'Task' && given.spec.run?.package?.digest !== undefined) return true;
  const managed = JSON.parse(content.managed ?? '[]') as ManagedFieldsEntry[];
  return managed.some(({ manager, fields }) => manager !== SWITCH_MANAGER && fields.includes(DIGEST_LEAF));
}

function unknownPackage({ metadata }: AnyObject, { name }: PackageRef): ErrorCause {
  return {
    ...{ reason: 'FieldValueNotFound', field: 'spec.run.package.name' },
    message: `spec.run.package.name: namespace "${metadata.namespace}" has no package "${name}"; "ctask create package ${name} --from FILE" makes it`,
  };
}
