// A center without controllers and agents: the real store behind the real API; the test says what runs do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, newUid, RecentLines, silentLogger, systemClock } from '../../base/index.js';
import { ApiServer } from '../../center/api/index.js';
import { Authenticator, ensureTokens, tokenFiles } from '../../center/auth/index.js';
import { KeyRotation, SecretKeeper } from '../../center/secrets/index.js';
import { openSqliteStore, type Store } from '../../center/store/index.js';
import type { TriggerRecord } from '../../coordination/index.js';
import {
  type Attempt,
  type Run,
  type RunReason,
  type RunState,
  type RunTrigger,
  runName,
  runUid,
  type Task,
} from '../../manifests/index.js';

export interface RunWords {
  readonly state: RunState;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly agent?: string;
  readonly attempt?: number;
  readonly reason?: RunReason;
  /** ms since the epoch. */
  readonly startTime?: number;
  readonly endTime?: number;
  /** Of a task with several; '' unless given. */
  readonly slot?: string;
}

export class CliCenter {
  readonly store: Store;
  private readonly dataDir: string;
  private readonly clock: Clock;
  /** What is built of the web console; none is answered without it. */
  private readonly consoleDir: string | undefined;
  private readonly secretKeys: KeyRotation;
  private api: ApiServer | undefined;
  private port = 0;
  private readonly sent = new Map<string, number>();
  /** What ZooKeeper would answer, by the uid of the task. */
  readonly records = new Map<string, TriggerRecord>();
  /** What it has logged. */
  readonly recentLines = new RecentLines();

  constructor(dataDir: string, clock: Clock = systemClock, consoleDir?: string) {
    this.dataDir = dataDir;
    this.clock = clock;
    this.consoleDir = consoleDir;
    const keys = { keyFile: join(dataDir, 'secrets.key'), book: () => this.store.secrets };
    const sealer = new SecretKeeper(keys);
    this.secretKeys = new KeyRotation({
      ...{ ...keys, ring: sealer.ring, center: 'center', clock, log: silentLogger },
      leads: () => true,
    });
    this.store = openSqliteStore({ path: join(dataDir, 'store.db'), clock: this.clock, log: silentLogger, sealer });
  }

  async start(): Promise<void> {
    await this.store.start(new AbortController().signal);
    await ensureTokens({ dataDir: this.dataDir, store: this.store });
    await this.listen();
  }

  /** Listens on the port it had before, so that clients find it again. */
  async listen(): Promise<void> {
    this.api = new ApiServer({
      ...{
        store: this.store,
        clock: this.clock,
        log: silentLogger,
        host: '127.0.0.1',
        port: this.port,
        version: '9.8.7',
      },
      triggerRecords: async (slots) =>
        slots.map(({ taskUid, slot }) => this.records.get(slot === '' ? taskUid : `${taskUid}.${slot}`)),
      secretKeys: this.secretKeys,
      own: { id: 'c1', lines: this.recentLines },
      ...(this.consoleDir === undefined ? {} : { consoleDir: this.consoleDir }),
      auth: new Authenticator({ store: this.store, clock: this.clock }),
    });
    await this.api.start();
    this.port = Number(new URL(this.api.url).port);
  }

  async hangUp(): Promise<void> {
    await this.api?.stop();
  }

  async stop(): Promise<void> {
    await this.hangUp();
    await this.store.stop();
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get tokenFile(): string {
    return tokenFiles(this.dataDir).adminTokenFile;
  }

  get token(): string {
    return readFileSync(this.tokenFile, 'utf8').trim();
  }

  get agentToken(): string {
    return readFileSync(tokenFiles(this.dataDir).agentTokenFile, 'utf8').trim();
  }

  async task(name: string, namespace = 'default'): Promise<Task> {
    const task = await this.store.get<Task>({ kind: 'Task', namespace, name });
    if (task === undefined) throw new Error(`no task ${name}`);
    return task;
  }

  /** A scheduled run of a task, reported as its agent would. */
  async scheduled(taskName: string, point: number, words: RunWords, namespace = 'default'): Promise<Run> {
    const task = await this.task(taskName, namespace);
    const key = { taskUid: task.metadata.uid!, slot: words.slot ?? '', point };
    return this.report({ uid: runUid(key), name: runName(taskName, key), task, point }, words);
  }

  /** What the agent says of a run that exists. */
  async progress(run: Run, words: RunWords): Promise<Run> {
    const task = await this.task(run.spec.task);
    const { trigger } = run.spec;
    return this.report({ uid: run.metadata.uid!, name: run.metadata.name, task, point: null, trigger }, words);
  }

  private async report(
    run: { uid: string; name: string; task: Task; point: number | null; trigger?: RunTrigger },
    { state, exitCode, signal, agent = 'a1', attempt = 1, reason, startTime, endTime, slot = '' }: RunWords,
  ): Promise<Run> {
    const started = state !== 'Skipped' && state !== 'Missed' && state !== 'Pending';
    const iso = (time: number | undefined) => (time === undefined ? {} : new Date(time).toISOString());
    const attempts = Array.from({ length: started ? attempt : 0 }, (_, index) => ({
      number: index + 1,
      state: index + 1 === attempt ? state : 'Failed',
      agent,
      ...(startTime === undefined ? {} : { startTime: iso(startTime) }),
      ...(endTime === undefined || index + 1 < attempt ? {} : { endTime: iso(endTime) }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(signal === undefined ? {} : { signal }),
    })) as Attempt[];
    const reply = await this.store.acceptReports(agent, [
      {
        ...{ uid: run.uid, name: run.name, namespace: run.task.metadata.namespace ?? 'default' },
        ...{ task: run.task.metadata.name, taskUid: run.task.metadata.uid!, slot },
        ...{ revision: run.task.metadata.generation ?? 1, trigger: run.trigger ?? 'Schedule' },
        ...{ scheduledTime: run.point, schedule: run.point === null ? null : 'default', state, attempts },
        attempt: started ? attempt : 0,
        ...(reason === undefined ? {} : { reason }),
        ...(startTime === undefined ? {} : { startTime }),
        ...(endTime === undefined ? {} : { endTime }),
      },
    ]);
    if (reply.refused.length > 0) throw new Error(JSON.stringify(reply.refused));
    return (await this.store.getByUid<Run>('Run', run.uid))!;
  }

  /** Output of a run, as its agent would send it. */
  async output(
    run: Run,
    text: string,
    { stream = 'stdout' as 'stdout' | 'stderr', attempt = 1, end = false, time = Date.now() } = {},
  ) {
    const payload = Buffer.from(text);
    const key = `${run.metadata.uid}/${attempt}/${stream}`;
    const streamOffset = this.sent.get(key) ?? 0;
    const header = { runUid: run.metadata.uid!, attempt, stream, streamOffset, time, length: payload.length };
    await this.store.appendLogs([{ header: { ...header, ...(end ? { end: true } : {}) }, payload }]);
    this.sent.set(key, streamOffset + payload.length);
  }

  /** An agent that is there. */
  async agent(name: string): Promise<void> {
    await this.store.heartbeat(
      name,
      { cluster: 'default' },
      {},
      { state: 'Ready', heartbeatTime: new Date().toISOString() },
    );
  }
}

export { newUid };
