import { arch, cpus, hostname, loadavg, platform, totalmem } from 'node:os';
import { type Clock, isCloudTaskError, type Logger, messageOf, type Timer } from '../../base/index.js';
import { type AgentHeartbeat, type AgentHeartbeatReply, tzdataVersion } from '../../manifests/index.js';
import { diskSpace } from '../platform/disk-space.js';
import type { CenterClient } from './center-client.js';

const INTERVAL_MS = 10_000;
/** Until the first one has been taken the center does not know the agent: try more often. */
const FIRST_RETRY_MS = 1000;
/** A center that does not answer by then is as good as away, and agents go on without one. */
const ADMISSION_MS = 2000;

export type HeartbeatCounts = Pick<
  AgentHeartbeat,
  'running' | 'tasks' | 'spoolBytes' | 'pendingReports' | 'oldestReport' | 'refusedTasks' | 'counts' | 'clockOffsetMs'
>;

/** Tells the center every 10 s how the agent is. */
export class Heartbeat {
  private readonly options: {
    client: CenterClient;
    clock: Clock;
    log: Logger;
    cluster: string;
    labels: Record<string, string>;
    version: string;
    bootId: string;
    dataDir: string;
    cgroups: string | undefined;
    capacity?: number;
    counts: () => HeartbeatCounts;
  };
  private timer: Timer | undefined;
  private readonly ended = new AbortController();
  private beating: Promise<void> | undefined;
  private tzdataDiffers = false;
  private refused = false;
  /** The first beat has been taken, refused or lost. */
  private answered = false;
  private waiting: (() => void)[] = [];

  constructor(options: Heartbeat['options']) {
    this.options = options;
  }

  start(): void {
    this.beating = this.beat();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    this.timer?.cancel();
    this.wake();
    await this.beating;
  }

  /**
   * Resolves unless a center refuses this agent: who may not report must not get tasks, which would then never run. The
   * token is read anew for each try, so a refusal ends when the right one is in its file. A center that cannot be reached
   * refuses nobody. Rejects when `signal` aborts or the
   * agent ends.
   */
  async admitted(signal: AbortSignal): Promise<void> {
    let late = false;
    const timer = this.options.clock.timerAfter(ADMISSION_MS, () => {
      late = true;
      this.wake();
    });
    const stop = () => this.wake();
    const either = AbortSignal.any([signal, this.ended.signal]);
    either.addEventListener('abort', stop, { once: true });
    try {
      while (!either.aborted && (this.refused || (!this.answered && !late))) {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
      either.throwIfAborted();
    } finally {
      timer.cancel();
      either.removeEventListener('abort', stop);
    }
  }

  /** A last word before the agent ends: it will be back by `holdUntil` (ms). Rejects when the center did not take it. */
  async announceHold(holdUntil: number, signal: AbortSignal): Promise<void> {
    const gaveUp = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // An earlier beat that arrives later would take the word back.
    await Promise.race([this.beating, gaveUp]);
    this.timer?.cancel();
    await this.options.client.sendJson<AgentHeartbeatReply>('PUT', 'status', { ...this.body(), holdUntil }, signal);
  }

  private async beat(): Promise<void> {
    const { client, clock, log } = this.options;
    let delayMs = INTERVAL_MS;
    try {
      const reply = await client.sendJson<AgentHeartbeatReply>('PUT', 'status', this.body(), this.ended.signal);
      this.noteRefusal(undefined);
      this.compareTzdata(reply.tzdata);
    } catch (error) {
      if (this.ended.signal.aborted) return;
      delayMs = FIRST_RETRY_MS;
      log.debug({ err: messageOf(error) }, 'heartbeat was not taken');
      this.noteRefusal(error);
    }
    this.answered = true;
    this.wake();
    this.timer = clock.timerAfter(delayMs, () => {
      this.beating = this.beat();
    });
  }

  /** Said when it begins and when it ends, not with every beat. What says nothing about the token changes nothing. */
  private noteRefusal(error: unknown): void {
    const { log, client } = this.options;
    const sent = client.hasCertificate ? 'certificate' : 'token';
    const refused = isCloudTaskError(error, 'CT_UNAUTHORIZED', 'CT_FORBIDDEN');
    if (refused && !this.refused) {
      const hint = client.hasCertificate
        ? 'to join anew, remove the folder tls of its data directory and start it with --join'
        : "the agents' token is the file agent.token in the center's data directory; see --token-file";
      log.error({ sent, err: messageOf(error), hint }, 'the center refuses this agent');
    }
    if (error === undefined && this.refused) log.info({ sent }, 'the center takes this agent again');
    if (refused || error === undefined) this.refused = refused;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Rule R2: with other time-zone data the same schedule may mean other instants. The leader acts on it; here it is said. */
  private compareTzdata(center: string): void {
    const own = tzdataVersion();
    const differs = own !== center;
    if (differs && !this.tzdataDiffers) {
      this.options.log.warn({ agent: own, center }, 'time-zone data differs from the center: this agent gets no tasks');
    }
    this.tzdataDiffers = differs;
  }

  private body(): AgentHeartbeat {
    const { cluster, labels, version, bootId, cgroups, capacity, counts, dataDir } = this.options;
    return {
      ...{ cluster, labels, version, bootId },
      hostname: hostname(),
      os: platform(),
      arch: arch(),
      tzdata: tzdataVersion(),
      cpus: cpus().length,
      memoryBytes: totalmem(),
      ...diskSpace(dataDir),
      load: loadavg()[0] ?? 0,
      ...(cgroups === undefined ? {} : { cgroups }),
      ...(capacity === undefined ? {} : { capacity }),
      ...counts(),
    };
  }
}
