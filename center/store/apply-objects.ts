import { CloudTaskError, newUid } from '../../base/index.js';
import { type AnyObject, type KindName, kindRow } from '../../manifests/index.js';
import { requireAccess } from './access/require-access.js';
import { ApplyProblems } from './apply-problems.js';
import { inSet } from './applysets.js';
import { auditWritten } from './audit/append-audit.js';
import { keepFirstMarks } from './audit-marks.js';
import { CalendarPins, calendarsFirst, rowWithoutContent, withoutContent } from './calendars/calendar-pins.js';
import { tasksWithCalendars } from './calendars/calendar-tasks.js';
import { inList } from './database.js';
import { requireStaying } from './deletions.js';
import { findCircles, keepDependencies, type LinkedTask } from './dependencies/edges.js';
import { keyText, withNames } from './generated-names.js';
import { iso } from './iso-time.js';
import { type Content, mergeObject, sameContent } from './merge-object.js';
import { keepNotifyRules } from './notifications/notify-rules.js';
import { conflict, subjectOf } from './object-errors.js';
import { type ObjectRow, objectParameters, objectText, UPSERT_OBJECT } from './object-row.js';
import { PackagePins } from './packages/package-pins.js';
import { withVersions } from './packages/package-versions.js';
import type { ObjectText, OutcomeText } from './repository-types.js';
import type { StateSchema } from './schema.js';
import { keepSecretValues } from './secrets/secret-values.js';
import type { ApplyOptions } from './store-types.js';
import { keepEdits } from './task-edits.js';
import { keepRevisions, type WrittenRow } from './task-revisions.js';
import type { WriteTransaction } from './write-queue.js';

/** Objects read and written at a time; between slices the event loop gets its turn. */
const SLICE = 500;

type Transaction = WriteTransaction<StateSchema>;

/** Applies objects inside an open transaction; see Store.apply. Anything wrong throws, and the caller's job is undone. */
export async function applyObjects(
  tx: Transaction,
  given: readonly AnyObject[],
  options: Partial<ApplyOptions>,
): Promise<OutcomeText[]> {
  const places = calendarsFirst(given);
  const objects = places.map((place) => given[place]!);
  const outcomes: OutcomeText[] = [];
  const problems = new ApplyProblems(given);
  const linked: LinkedTask[] = [];
  const by = { user: options.user ?? '', time: iso(tx.now) };
  await requireNamespaces(tx, objects);
  const pins = await PackagePins.read(tx, objects);
  const calendars = new CalendarPins(tx);
  const all: WrittenRow[] = [];
  const facts = { blobs: options.blobs ?? [], author: by.user, now: tx.now };
  for (let start = 0; start < objects.length; start += SLICE) {
    const slice = objects.slice(start, start + SLICE);
    const existing = await readExisting(tx, slice);
    const written: Written[] = [];
    for (const [index, manifest] of slice.entries()) {
      const place = places[start + index]!;
      const key = keyText(manifest);
      const before = existing.get(key);
      requireStaying(before);
      const wanted = withoutContent(options.whole ? manifest : inSet(manifest, before, options.applyset));
      requireWritable(wanted, before, options.create ?? false);
      const bare = rowWithoutContent(before);
      const merged = mergeObject(wanted, bare, options.as, by);
      const packed = 'causes' in merged ? merged : await pins.pin(wanted, bare, merged.content);
      const pinned = 'causes' in packed ? packed : await calendars.pin(wanted, before, packed.content);
      const versioned =
        'causes' in pinned ? pinned : withVersions(nextRow(tx, wanted, before, pinned.content), before, facts);
      if ('causes' in versioned) {
        problems.add(place, versioned.causes);
        continue;
      }
      const { row } = versioned;
      calendars.note(before, row);
      if (row === before && before !== undefined) {
        outcomes[place] = { operation: 'unchanged', object: objectText(before) };
        continue;
      }
      await keepNotifyRules(tx, row, before);
      if (await keepDependencies(tx, row, before)) {
        linked.push({ index: place, namespace: row.namespace, name: row.name });
      }
      existing.set(key, row);
      const object = objectText(row);
      written.push({ before, row, object });
      outcomes[place] = {
        ...{ operation: before === undefined ? 'created' : 'configured', object },
        ...(options.dryRun && before !== undefined ? { previous: objectText(before) } : {}),
      };
    }
    if (start > 0) await tx.breathe();
    all.push(...(options.access === undefined ? [] : written));
    await keepWritten(tx, written, options);
  }
  await findCircles(tx, linked, problems);
  problems.throwIfAny();
  if (options.access !== undefined) await requireAccess(tx, all, options.user ?? '', options.access);
  for (const namespace of calendars.namespaces()) await followCalendars(tx, namespace, calendars, options);
  return outcomes;
}

interface Written extends WrittenRow {
  readonly object: ObjectText;
}

/** Writes rows, with what is kept of each write beside them. */
async function keepWritten(
  tx: Transaction,
  written: readonly Written[],
  options: Partial<ApplyOptions>,
): Promise<void> {
  const edited: ObjectRow[] = [];
  for (const { before, row, object } of written) {
    if (before?.kind === 'Task' && row.generation > before.generation) edited.push(before);
    tx.changed({
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      resourceVersion: row.resource_version,
      kind: row.kind as KindName,
      object,
      ...(before === undefined ? {} : { previous: objectText(before) }),
    });
  }
  if (written.length > 0)
    await tx.upsert(
      UPSERT_OBJECT,
      written.map(({ row }) => objectParameters(row)),
    );
  await keepEdits(tx, edited);
  await keepFirstMarks(tx, edited);
  await keepSecretValues(tx, written, options.sealed);
  await keepRevisions(tx, written, options.user ?? '');
  if (!options.dryRun) await auditWritten(tx, written, options.audit);
}

/** Tasks whose calendars have other days now get another generation, as by an edit of their own. */
async function followCalendars(
  tx: Transaction,
  namespace: string,
  calendars: CalendarPins,
  options: Partial<ApplyOptions>,
): Promise<void> {
  for await (const rows of tasksWithCalendars(tx, namespace)) {
    const written = rows.flatMap((before) => {
      const spec = calendars.follow(before);
      // Of one that is being deleted no time point is due any more.
      if (spec === before.spec || before.deletion_time !== null) return [];
      const row = { ...before, spec, generation: before.generation + 1, resource_version: tx.nextVersion() };
      return { before, row, object: objectText(row) };
    });
    await keepWritten(tx, written, options);
  }
}

/** Throws CT_BAD_REQUEST, CT_ALREADY_EXISTS and CT_CONFLICT. */
function requireWritable(object: AnyObject, before: ObjectRow | undefined, create: boolean): void {
  const subject = subjectOf(object);
  if (!kindRow(object.kind).applicable) {
    throw new CloudTaskError('CT_BAD_REQUEST', {
      subject,
      detail: `objects of kind ${object.kind} are made by the system`,
    });
  }
  if (before !== undefined && create)
    throw new CloudTaskError('CT_ALREADY_EXISTS', { subject, detail: 'already exists' });
  const { resourceVersion, uid } = object.metadata;
  const stale = resourceVersion !== undefined && resourceVersion !== String(before?.resource_version ?? '');
  if (stale || (uid !== undefined && uid !== before?.uid)) throw conflict(subject);
}

/** The row an object comes to; `before` itself when nothing differs. */
function nextRow(tx: Transaction, object: AnyObject, before: ObjectRow | undefined, content: Content): ObjectRow {
  if (before !== undefined) {
    if (sameContent(before, content)) return before;
    return {
      ...before,
      ...content,
      generation: before.generation + (before.spec === content.spec ? 0 : 1),
      resource_version: tx.nextVersion(),
    };
  }
  const { kind, metadata } = object;
  const version = tx.nextVersion();
  return {
    uid: newUid(),
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    resource_version: version,
    created_version: version,
    generation: 1,
    created_time: tx.now,
    ...content,
    status: null,
    reported_labels: null,
    deletion_time: null,
    deletion_author: null,
  };
}

/** Every namespace that objects live in exists, or comes with the same batch. Throws CT_NOT_FOUND. */
async function requireNamespaces(tx: Transaction, objects: readonly AnyObject[]): Promise<void> {
  const wanted = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const object of objects) if (object.kind === 'Namespace') wanted.delete(object.metadata.name);
  if (wanted.size === 0) return;
  const rows = await tx.write
    .selectFrom('objects')
    .select('name')
    .where('kind', '=', 'Namespace')
    .where(inList(tx, 'name', [...wanted]))
    .execute();
  for (const { name } of rows) wanted.delete(name);
  const [missing] = wanted;
  if (missing === undefined) return;
  throw new CloudTaskError('CT_NOT_FOUND', {
    subject: `Namespace ${missing}`,
    detail: 'not found',
    hint: `apply a Namespace named "${missing}" first, or in the same batch`,
  });
}

async function readExisting(tx: Transaction, objects: readonly AnyObject[]): Promise<Map<string, ObjectRow>> {
  const groups = new Map<string, { kind: KindName; namespace: string; names: string[] }>();
  for (const { kind, metadata } of objects) {
    const { namespace = '', name } = metadata;
    const group = groups.get(`${kind}/${namespace}`);
    if (group === undefined) groups.set(`${kind}/${namespace}`, { kind, namespace, names: [name] });
    else group.names.push(name);
  }
  const existing = new Map<string, ObjectRow>();
  const results = await Promise.all(
    [...groups.values()].map(({ kind, namespace, names }) =>
      tx.write
        .selectFrom('objects')
        .selectAll()
        .where('kind', '=', kind)
        .where('namespace', '=', namespace)
        .where(inList(tx, 'name', names))
        .execute(),
    ),
  );
  for (const row of results.flat()) existing.set(`${row.kind}/${row.namespace}/${row.name}`, row);
  return existing;
}

/** The batch with the names that are to be generated; see withNames. */
export function namedObjects(tx: Transaction, objects: readonly AnyObject[]): Promise<readonly AnyObject[]> {
  return withNames(objects, async (candidates) => new Set((await readExisting(tx, candidates)).keys()));
}
