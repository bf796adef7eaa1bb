// The harness as a user of the API: what is asked is asked again until it is acknowledged, and when it was first asked
// and when acknowledged is remembered, because in between it may count or not.
import { createHash } from 'node:crypto';
import { setTimeout as elapse } from 'node:timers/promises';
import type { RecordedRun, StoredOutput } from './history.js';

const GROUP = '/apis/cloudtask.dev/v1';
const RETRY_MS = 300;
const READ_TIMEOUT_MS = 5_000;
/** Longer than any center is stopped. One that wakes carries out what it was asked before, also for somebody who does not
 * listen any more: a change that was given up could come into force after later ones. */
const CHANGE_TIMEOUT_MS = 120_000;
const PAGE = 500;

export interface Acknowledged<T> {
  readonly answer: T;
  readonly invoked: number;
  readonly acknowledged: number;
}

export interface ApiRun {
  readonly metadata: { readonly uid: string; readonly name: string };
  readonly spec: { readonly taskUid: string; readonly scheduledTime?: string };
  readonly status?: {
    readonly state: string;
    readonly reason?: string;
    readonly exitCode?: number;
    readonly attempts?: {
      number: number;
      state: string;
      agent: string;
      reason?: string;
      startTime?: string;
      endTime?: string;
    }[];
  };
}

export class CenterApi {
  private readonly urls: readonly string[];
  private readonly token: () => string;
  private turn = 0;

  constructor(urls: readonly string[], token: () => string) {
    this.urls = urls;
    this.token = token;
  }

  /** Until a center says 2xx. Other answers than "not now" are thrown. */
  async insist<T>(method: string, path: string, body?: unknown): Promise<Acknowledged<T>> {
    const { answer, ...times } = await this.ask(method, path, body);
    return { answer: answer === undefined ? (undefined as T) : (JSON.parse(answer.toString()) as T), ...times };
  }

  private async ask(method: string, path: string, body?: unknown): Promise<Acknowledged<Buffer | undefined>> {
    const invoked = Date.now();
    for (let attempt = 0; ; attempt++) {
      const url = `${this.urls[this.turn++ % this.urls.length]}${GROUP}${path}`;
      try {
        const response = await fetch(url, {
          method,
          headers: {
            authorization: `Bearer ${this.token()}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(method === 'GET' ? READ_TIMEOUT_MS : CHANGE_TIMEOUT_MS),
        });
        const answer = Buffer.from(await response.arrayBuffer());
        if (response.ok) return { answer, invoked, acknowledged: Date.now() };
        // The first try may have been applied although its answer was lost.
        if (method === 'DELETE' && response.status === 404 && attempt > 0) {
          return { answer: undefined, invoked, acknowledged: Date.now() };
        }
        if (response.status < 500 && response.status !== 409 && response.status !== 429) {
          throw new RefusedError(`${method} ${path}: ${response.status} ${answer}`);
        }
      } catch (error) {
        if (error instanceof RefusedError) throw error;
      }
      await elapse(RETRY_MS);
    }
  }

  /** The standard output of an attempt as it is now. */
  async output({ run, name, attempt }: { run: string; name: string; attempt: number }): Promise<StoredOutput> {
    const path = `/namespaces/default/runs/${name}/log?stream=stdout&attempt=${attempt}`;
    const bytes = (await this.ask('GET', path)).answer ?? Buffer.alloc(0);
    return { run, attempt, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  async runs(): Promise<RecordedRun[]> {
    const runs: RecordedRun[] = [];
    let token = '';
    do {
      const path = `/namespaces/default/runs?limit=${PAGE}${token && `&continue=${encodeURIComponent(token)}`}`;
      const { answer } = await this.insist<{ items: ApiRun[]; metadata: { continue?: string } }>('GET', path);
      runs.push(...answer.items.map(recordedRun));
      token = answer.metadata.continue ?? '';
    } while (token !== '');
    return runs;
  }
}

class RefusedError extends Error {}

/** A run of the API as the checker takes it. */
export function recordedRun({ metadata, spec, status }: ApiRun): RecordedRun {
  return {
    uid: metadata.uid,
    name: metadata.name,
    taskUid: spec.taskUid,
    ...(spec.scheduledTime === undefined ? {} : { point: Date.parse(spec.scheduledTime) }),
    state: status?.state ?? 'Pending',
    ...(status?.reason === undefined ? {} : { reason: status.reason }),
    ...(status?.exitCode === undefined ? {} : { exitCode: status.exitCode }),
    attempts: (status?.attempts ?? []).map(({ number, state, agent, reason, startTime, endTime }) => ({
      ...{ number, state, agent },
      ...(reason === undefined ? {} : { reason }),
      ...(startTime === undefined ? {} : { startTime: Date.parse(startTime) }),
      ...(endTime === undefined ? {} : { endTime: Date.parse(endTime) }),
    })),
  };
}
