// Output of attempts, as the thread of its database is asked for it.
import type { LogAppendReply, LogChunk } from '../../manifests/index.js';
import type { LogRepository } from './log-repository.js';
import { packChunks, unpackSlice } from './packed-logs.js';
import type { LogSlice } from './store-types.js';
import type { WorkerChannel } from './worker/channel.js';

export class LogCalls {
  private readonly logs: () => WorkerChannel<LogRepository>;

  constructor(logs: () => WorkerChannel<LogRepository>) {
    this.logs = logs;
  }

  async appendLogs(chunks: readonly LogChunk[]): Promise<LogAppendReply> {
    if (chunks.length === 0) return { positions: [] };
    const { headers, bytes } = packChunks(chunks);
    return this.logs().hand('appendLogs', [headers, bytes], [bytes.buffer as ArrayBuffer]);
  }

  async readLog(runUid: string, attempt: number, offset: number, maxBytes: number): Promise<LogSlice> {
    return unpackSlice(await this.logs().call('readLog', runUid, attempt, offset, maxBytes));
  }

  async logOffsetSince(runUid: string, attempt: number, time: number): Promise<number> {
    return this.logs().call('logOffsetSince', runUid, attempt, time);
  }

  async logLength(runUid: string, attempt: number): Promise<{ bytes: number; ended: boolean }> {
    return this.logs().call('logLength', runUid, attempt);
  }
}
