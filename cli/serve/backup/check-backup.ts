// Looks at all of an archive: checksums, form, and the chain of the audit of writes. Nothing is changed by it.
import { isCloudTaskError, messageOf } from '../../../base/index.js';

import { entryOf } from '../../../center/store/audit/audit-row.js';
import type { CopiedTable, Rows } from '../../../center/store/copy/index.js';
import type { AuditEntriesTable } from '../../../center/store/schema.js';
import type { CopiedRecord } from '../../../coordination/index.js';
import { AUDIT_GENESIS, type AuditAnchor, AuditChain, type BrokenEntry } from '../../../manifests/index.js';
import { FORMAT, invalid, MANIFEST, type Manifest, ROOT, type RootFacts } from './archive.js';
import { ArchiveReader, type Entry } from './read-archive.js';

export interface CheckedBackup {
  readonly manifest: Manifest;
  /** undefined: coordination is not in it. */
  readonly root: RootFacts | undefined;
  readonly records: readonly CopiedRecord[];
  /** By name. */
  readonly keys: ReadonlyMap<string, Buffer>;
  readonly rows: number;
  /** Rows by table. */
  readonly counts: ReadonlyMap<string, number>;
  /** The latest entry of the audit of writes. */
  readonly audit: AuditAnchor;
  /** It does not hold from here on, and did not when the backup was made: the checksums are right. */
  readonly broken: BrokenEntry | undefined;
  /** SHA-256 of the checksums. */
  readonly seal: string;
}

/** What an entry of the archive holds. `rows` of a table may come in several entries. */
export type Piece =
  | { readonly what: 'manifest'; readonly manifest: Manifest }
  | { readonly what: 'root'; readonly root: RootFacts }
  | { readonly what: 'records'; readonly records: readonly CopiedRecord[] }
  | { readonly what: 'rows'; readonly table: CopiedTable; readonly rows: Rows }
  | { readonly what: 'key'; readonly name: string; readonly content: Buffer };

/** The pieces in their order. Throws CT_BACKUP_INVALID. */
export async function* piecesOf(reader: ArchiveReader): AsyncGenerator<Piece> {
  let tables: ReadonlyMap<string, CopiedTable> | undefined;
  for await (const entry of reader.entries()) {
    const { name, body } = entry;
    if ((tables === undefined) !== (name === MANIFEST)) throw invalid(`${MANIFEST} is not where it belongs`);
    if (tables === undefined) {
      const manifest = manifestOf(entry);
      tables = new Map(manifest.tables.map((table) => [table.name, table]));
      yield { what: 'manifest', manifest };
      continue;
    }
    const [folder, table] = name.split('/');
    if (name === ROOT) yield { what: 'root', root: parse(entry, body.toString()) as RootFacts };
    else if (folder === 'coordination')
      yield { what: 'records', records: linesOf(entry).map((line) => recordOf(entry, line)) };
    else if (folder === 'keys') yield { what: 'key', name: name.slice('keys/'.length), content: body };
    else {
      const found = tables.get(table!);
      if (found === undefined) throw invalid(`${name} is of a table that the backup does not name`);
      yield { what: 'rows', table: found, rows: linesOf(entry).map((line) => rowOf(entry, line, found)) };
    }
  }
  if (tables === undefined) throw invalid('the archive is empty');
}

/** Throws CT_BACKUP_INVALID, CT_NOT_FOUND. */
export async function checkBackup(path: string): Promise<CheckedBackup> {
  try {
    return await readAll(path);
  } catch (error) {
    if (isCloudTaskError(error)) throw error;
    throw invalid(`the archive has what no backup has: ${messageOf(error)}`, error);
  }
}

async function readAll(path: string): Promise<CheckedBackup> {
  const reader = new ArchiveReader(path);
  let manifest: Manifest | undefined;
  let root: RootFacts | undefined;
  const records: CopiedRecord[] = [];
  const keys = new Map<string, Buffer>();
  const counts = new Map<string, number>();
  const chain = new Chain();
  for await (const piece of piecesOf(reader)) {
    if (piece.what === 'manifest') manifest = piece.manifest;
    else if (piece.what === 'root') root = piece.root;
    else if (piece.what === 'records') records.push(...piece.records);
    else if (piece.what === 'key') keys.set(piece.name, piece.content);
    else {
      counts.set(piece.table.name, (counts.get(piece.table.name) ?? 0) + piece.rows.length);
      chain.follow(piece.table, piece.rows);
    }
  }
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    manifest: manifest!,
    root,
    records,
    keys,
    counts,
    rows,
    audit: chain.head,
    broken: chain.broken,
    seal: reader.seal,
  };
}

function manifestOf(entry: Entry): Manifest {
  const manifest = parse(entry, entry.body.toString()) as Partial<Manifest> | null;
  if (typeof manifest?.format !== 'number') throw invalid(`${MANIFEST} is not that of a backup`);
  if (manifest.format > FORMAT) throw invalid(`the backup has format ${manifest.format}; this ctask knows ${FORMAT}`);
  const { engine, schema, tables, sequences, keys } = manifest;
  const whole =
    (engine === 'sqlite' || engine === 'postgres') &&
    [schema?.state, schema?.logs, schema?.packages].every(Number.isSafeInteger) &&
    [manifest.resourceVersion, manifest.checkpoint].every(Number.isSafeInteger) &&
    typeof manifest.identity === 'string' &&
    !Number.isNaN(Date.parse(manifest.time ?? '')) &&
    typeof sequences === 'object' &&
    Array.isArray(keys) &&
    Array.isArray(tables) &&
    tables.every(
      ({ part, name, columns }) => ['state', 'logs', 'packages'].includes(part) && [name, ...columns].every(isWord),
    );
  if (!whole) throw invalid(`${MANIFEST} lacks what a backup says of itself`);
  return manifest as Manifest;
}

/** Names become part of statements. */
const isWord = (name: unknown): boolean => typeof name === 'string' && /^[a-z][a-z0-9_]*$/.test(name);

function linesOf({ body }: Entry): string[] {
  return body.toString().split('\n').slice(0, -1);
}

function parse({ name }: Entry, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`${name} is not JSON`, cause);
  }
}

function recordOf(entry: Entry, line: string): CopiedRecord {
  const value = parse(entry, line) as Partial<CopiedRecord> | null;
  if (typeof value?.name !== 'string' || /[/\0]/.test(value.name) || typeof value.record?.cursor !== 'number')
    throw invalid(`${entry.name} has a line that is no trigger record`);
  return value as CopiedRecord;
}

function rowOf(entry: Entry, line: string, { columns }: CopiedTable): Rows[number] {
  const values = parse(entry, line);
  if (!Array.isArray(values) || values.length !== columns.length)
    throw invalid(`${entry.name} has a line that is no row`);
  return values.map((value: unknown) => {
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
    const bytes = (value as { base64?: unknown }).base64;
    if (typeof bytes !== 'string') throw invalid(`${entry.name} has a value of no known kind`);
    return Buffer.from(bytes, 'base64');
  });
}

/** The audit of writes, as `ctask audit writes --verify` looks at it. */
class Chain {
  private chain = new AuditChain(AUDIT_GENESIS);

  get head(): AuditAnchor {
    return this.chain.head;
  }

  get broken(): BrokenEntry | undefined {
    return this.chain.broken;
  }

  /** The table of the anchor comes before that of the entries, by its name. */
  follow({ name, columns }: CopiedTable, rows: Rows): void {
    for (const row of rows) {
      const values = Object.fromEntries(columns.map((column, i) => [column, row[i]]));
      if (name === 'audit_anchor')
        this.chain = new AuditChain({ sequence: Number(values.seq), hash: String(values.hash) });
      if (name !== 'audit_entries') continue;
      this.chain.add(entryOf(values as unknown as AuditEntriesTable));
    }
  }
}
