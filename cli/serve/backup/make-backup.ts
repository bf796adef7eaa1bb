// A backup of a living installation: the store as of one commit, then coordination. In this order a trigger record is never
// older than the rows beside it: a time point may lack its record, and is then put down as Lost, but none is due again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudTaskError, formatBytes, systemClock } from '../../../base/index.js';
import { openStoreSource, type Rows, STORE_PARTS, type StoreSource } from '../../../center/store/copy/index.js';
import { type CoordinationCopy, readCoordinationCopy } from '../../../coordination/index.js';
import { authOf, readSecret } from '../coordination-secret.js';
import { ENTRY_BYTES, FORMAT, KEY_FILES, MANIFEST, type Manifest, numbered, ROOT } from './archive.js';
import { coordinated, type Installation } from './places.js';
import type { Progress } from './say.js';
import { ArchiveWriter, type Sink } from './write-archive.js';

export interface BackupOptions {
  readonly logs: boolean;
  readonly coordination: boolean;
  readonly keys: boolean;
  /** Of ctask. */
  readonly version: string;
  readonly signal: AbortSignal;
}

/** Throws CT_NOT_FOUND, CT_STORE, CT_STORE_UNREACHABLE, CT_COORDINATION, CT_FOREIGN_ROOT. Leaves nothing behind then. */
export async function makeBackup(
  installation: Installation,
  open: () => Promise<Sink>,
  options: BackupOptions,
  progress: Progress,
): Promise<{ bytes: number; rows: number; seal: string }> {
  const time = new Date(systemClock.now());
  const keys = options.keys ? await readKeys(installation) : new Map<string, Buffer>();
  const parts = STORE_PARTS.filter((part) => part !== 'logs' || options.logs);
  const source = await openStoreSource(installation.store, parts);
  try {
    const copy = options.coordination ? await copyCoordination(installation, source) : undefined;
    const sink = await open();
    try {
      const archive = new ArchiveWriter(sink, time);
      const { version } = options;
      const manifest: Manifest = {
        format: FORMAT,
        version,
        time: time.toISOString(),
        ...source.facts,
        keys: [...keys.keys()],
      };
      await archive.add(MANIFEST, `${JSON.stringify(manifest, null, 1)}\n`);
      if (copy !== undefined) {
        progress.step(`coordination: ${copy.records.length} trigger records`);
        await addCoordination(archive, copy);
      }
      const rows = await addStore(archive, source, options, progress);
      for (const [name, content] of keys) await archive.add(`keys/${name}`, content);
      const seal = await archive.end();
      progress.step(
        `store: ${rows} rows of ${source.facts.tables.length} tables, ${formatBytes(archive.bytes)} in all`,
      );
      return { bytes: archive.bytes, rows, seal };
    } catch (error) {
      await sink.abandon();
      throw error;
    }
  } finally {
    await source.close();
  }
}

async function copyCoordination(installation: Installation, { facts }: StoreSource): Promise<CoordinationCopy> {
  const { layout, coordinationSecretFile: path } = installation;
  const secret = await readSecret(path);
  const copy = await coordinated(installation, secret === undefined ? [] : authOf(secret), (coordinator) =>
    readCoordinationCopy(coordinator, layout),
  );
  if (copy.storeId !== facts.identity) {
    throw new CloudTaskError('CT_FOREIGN_ROOT', {
      detail: `the root ${layout.root} of coordination belongs to ${copy.storeId === '' ? 'no store' : `store ${copy.storeId}`}, and this is store ${facts.identity}`,
      hint: 'give --zookeeper, --root and --store as the center has them',
    });
  }
  return copy;
}

async function addCoordination(archive: ArchiveWriter, { records, ...root }: CoordinationCopy): Promise<void> {
  await archive.add(ROOT, `${JSON.stringify(root)}\n`);
  const lines = new Lines((number, text) => archive.add(numbered('coordination', number), text));
  for (const record of records) await lines.add(JSON.stringify(record));
  await lines.end();
}

async function addStore(
  archive: ArchiveWriter,
  source: StoreSource,
  { signal }: BackupOptions,
  progress: Progress,
): Promise<number> {
  let rows = 0;
  for (const table of source.facts.tables) {
    const lines = new Lines((number, text) => archive.add(numbered(`store/${table.name}`, number), text));
    for await (const slice of source.rows(table)) {
      signal.throwIfAborted();
      for (const row of slice) await lines.add(rowText(row));
      rows += slice.length;
      progress.meanwhile(rows, archive.bytes);
    }
    await lines.end();
  }
  return rows;
}

/** Bytes have no form in JSON. */
function rowText(row: Rows[number]): string {
  return JSON.stringify(
    row.map((value) => (value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value)),
  );
}

/** Gathers lines to entries. */
class Lines {
  private readonly flush: (number: number, text: string) => Promise<void>;
  private gathered: string[] = [];
  private size = 0;
  private number = 0;

  constructor(flush: (number: number, text: string) => Promise<void>) {
    this.flush = flush;
  }

  async add(line: string): Promise<void> {
    this.gathered.push(line);
    this.size += line.length + 1;
    if (this.size >= ENTRY_BYTES) await this.end();
  }

  async end(): Promise<void> {
    if (this.gathered.length === 0) return;
    this.number += 1;
    const text = `${this.gathered.join('\n')}\n`;
    this.gathered = [];
    this.size = 0;
    await this.flush(this.number, text);
  }
}

async function readKeys({
  centerDir,
  coordinationSecretFile,
  secretsKeyFile,
}: Installation): Promise<Map<string, Buffer>> {
  const keys = new Map<string, Buffer>();
  for (const name of KEY_FILES) {
    const path = keyPath({ centerDir, coordinationSecretFile, secretsKeyFile }, name);
    try {
      keys.set(name, await readFile(path));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be read', cause });
    }
  }
  return keys;
}

/** Where a key file of this installation lies. */
export function keyPath(
  place: Pick<Installation, 'centerDir' | 'coordinationSecretFile' | 'secretsKeyFile'>,
  name: string,
): string {
  if (name === 'coordination.secret') return place.coordinationSecretFile;
  if (name === 'secrets.key') return place.secretsKeyFile;
  return join(place.centerDir, name);
}
