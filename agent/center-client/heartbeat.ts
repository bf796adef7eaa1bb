import { arch, cpus, hostname, loadavg, platform, totalmem } from 'node:os';
import { type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import { type AgentHeartbeat, type AgentHeartbeatReply, tzdataVersion } from '../../manifests/index.js';
import type { CenterClient } from './center-client.js';

const INTERVAL_MS = 10_000;
/** Until the first one has been taken the center does not know the agent: try more often. */
const FIRST_RETRY_MS = 1000;

export type HeartbeatCounts = Pick<
  AgentHeartbeat,
  'running' | 'tasks' | 'spoolBytes' | 'pendingReports' | 'oldestReport' | 'refusedTasks'
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
    capacity?: number;
    counts: () => HeartbeatCounts;
  };
  private timer: Timer | undefined;
  private readonly ended = new AbortController();
  private beating: Promise<void> | undefined;
  private tzdataDiffers = false;

  constructor(options: Heartbeat['options']) {
    this.options = options;
  }

  start(): void {
    this.beating = this.beat();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    this.timer?.cancel();
    await this.beating;
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
      this.compareTzdata(reply.tzdata);
    } catch (error) {
      if (this.ended.signal.aborted) return;
      delayMs = FIRST_RETRY_MS;
      log.debug({ err: messageOf(error) }, 'heartbeat was not taken');
    }
    this.timer = clock.timerAfter(delayMs, () => {
      this.beating = this.beat();
    });
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
    const { cluster, labels, version, bootId, capacity, counts } = this.options;
    return {
      ...{ cluster, labels, version, bootId },
      hostname: hostname(),
      os: platform(),
      arch: arch(),
      tzdata: tzdataVersion(),
      cpus: cpus().length,
      memoryBytes: totalmem(),
      load: loadavg()[0] ?? 0,
      ...(capacity === undefined ? {} : { capacity }),
      ...counts(),
    };
  }
}
