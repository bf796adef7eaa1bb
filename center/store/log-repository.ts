import type { LogAppendReply, LogChunkHeader } from '../../manifests/index.js';
import type { SqlDatabase } from './database.js';
import { type Appended, appendChunks, deleteLogs, logLength, logOffsetSince, readLogSlice } from './log-chunks.js';
import { type PackedSlice, packSlice, unpackChunks } from './packed-logs.js';
import type { LogSchema } from './schema.js';
import { type LogExcess, logsOver, removeLogs } from './task-logs.js';
import { WriteQueue, type WriteTransaction } from './write-queue.js';

export interface LogRepositoryOptions {
  readonly database: SqlDatabase<LogSchema>;
  /** Wall time, ms. */
  readonly now: () => number;
  /** Called after each commit of new bytes, before its caller learns of it. */
  appended(positions: Appended['appended']): void;
  /** Called inside the transaction: tells other centers, once it is committed. */
  announce?(transaction: WriteTransaction<LogSchema>, positions: Appended['appended']): Promise<void>;
}

/** The output of attempts; see `Store`. Bytes come and go packed, in buffers that change hands instead of being copied. */
export class LogRepository {
  private readonly options: LogRepositoryOptions;
  private readonly database: SqlDatabase<LogSchema>;
  private readonly queue: WriteQueue<LogSchema>;

  constructor(options: LogRepositoryOptions) {
    this.options = options;
    this.database = options.database;
    this.queue = new WriteQueue({ database: options.database, now: options.now });
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  appendLogs(headers: readonly LogChunkHeader[], bytes: Uint8Array): Promise<LogAppendReply> {
    const chunks = unpackChunks(headers, bytes);
    return this.queue.run(async (tx) => {
      const { positions, appended } = await appendChunks(tx, chunks);
      if (appended.length > 0) {
        await this.options.announce?.(tx, appended);
        tx.afterCommit(() => this.options.appended(appended));
      }
      return { positions };
    });
  }

  async readLog(runUid: string, attempt: number, offset: number, maxBytes: number): Promise<PackedSlice> {
    return packSlice(await readLogSlice(this.database, runUid, attempt, offset, maxBytes));
  }

  async logOffsetSince(runUid: string, attempt: number, time: number): Promise<number> {
    return logOffsetSince(this.database, runUid, attempt, time);
  }

  async logLength(runUid: string, attempt: number): Promise<{ bytes: number; ended: boolean }> {
    return logLength(this.database, runUid, attempt);
  }

  async logsOver(taskUid: string, limit: number, after: number): Promise<LogExcess | undefined> {
    return logsOver(this.database, taskUid, limit, after);
  }

  removeLogs(ids: readonly number[], limit: number): Promise<void> {
    return this.queue.run((tx) => removeLogs(tx, ids, limit));
  }

  deleteLogs(runUids: readonly string[]): Promise<void> {
    return this.queue.run((tx) => deleteLogs(tx, runUids));
  }
}
