// What still refers to bytes: packages with their versions, tasks, and what tasks can be undone to. Read in pages, so that nobody
// waits for long.
import { sql } from 'kysely';
import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';

/** Rows looked at in one statement. */
const PAGE = 2000;
const DIGEST = /"(sha256:[0-9a-f]{64})"/g;

/** Where the next page begins: in the objects, then in the revisions. */
export type ReferencesAfter =
  | { readonly part: 'objects'; readonly id: number }
  | { readonly part: 'revisions'; readonly uid: string; readonly revision: number };

export interface ReferencesPage {
  /** Digests that are referred to. */
  readonly digests: readonly string[];
  /** Absent: this was the last page. */
  readonly next?: ReferencesAfter;
}

export function readReferences(
  db: SqlDatabase<StateSchema>,
  after: ReferencesAfter = { part: 'objects', id: 0 },
): Promise<ReferencesPage> {
  return after.part === 'objects' ? ofObjects(db, after.id) : ofRevisions(db, after.uid, after.revision);
}

async function ofObjects(db: SqlDatabase<StateSchema>, id: number): Promise<ReferencesPage> {
  const rows = await db.read
    .selectFrom('objects')
    .select(['id', 'kind', 'status'])
    // Few specifications have one; the others stay in the database.
    .select(sql<string | null>`case when spec like '%"sha256:%' then spec end`.as('spec'))
    .where('id', '>', id)
    .orderBy('id')
    .limit(PAGE)
    .execute();
  const texts = rows.flatMap(({ kind, spec, status }) =>
    kind === 'Package' ? [spec, status] : kind === 'Task' ? [spec] : [],
  );
  const last = rows.at(-1);
  const next: ReferencesAfter =
    rows.length < PAGE || last === undefined
      ? { part: 'revisions', uid: '', revision: 0 }
      : { part: 'objects', id: last.id };
  return { digests: digestsIn(texts), next };
}

async function ofRevisions(db: SqlDatabase<StateSchema>, uid: string, revision: number): Promise<ReferencesPage> {
  const rows = await db.read
    .selectFrom('task_revisions')
    .select(['task_uid', 'revision'])
    .select(sql<string | null>`case when spec like '%"sha256:%' then spec end`.as('spec'))
    .where((where) =>
      where.or([
        where('task_uid', '>', uid),
        where.and([where('task_uid', '=', uid), where('revision', '>', revision)]),
      ]),
    )
    .orderBy('task_uid')
    .orderBy('revision')
    .limit(PAGE)
    .execute();
  const digests = digestsIn(rows.map(({ spec }) => spec));
  const last = rows.at(-1);
  if (rows.length < PAGE || last === undefined) return { digests };
  return { digests, next: { part: 'revisions', uid: last.task_uid, revision: last.revision } };
}

function digestsIn(texts: readonly (string | null)[]): string[] {
  const found = new Set<string>();
  for (const text of texts) for (const [, digest] of (text ?? '').matchAll(DIGEST)) found.add(digest!);
  return [...found];
}
