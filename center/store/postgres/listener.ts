import type pg from 'pg';
import { Backoff, type Clock } from '../../../base/index.js';
import type { PostgresAddress } from './connection-url.js';
import { loadDriver } from './postgres-database.js';

const RECONNECT = { initialMs: 100, maxMs: 5000 };

export interface ListenerOptions {
  readonly address: PostgresAddress;
  readonly channel: string;
  readonly clock: Clock;
  /** Called for each notification, and with undefined after each connection: something may have been missed before. */
  notified(payload: string | undefined): void;
}

/**
 * One connection that listens on a channel, made again with back-off as long as needed. States: off → connecting ⇄
 * listening → off. What is notified is a hint only; nothing relies on getting each.
 */
export class Listener {
  private readonly options: ListenerOptions;
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.options = options;
  }

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    const backoff = new Backoff(RECONNECT);
    while (!signal.aborted) {
      try {
        await this.listen(() => backoff.reset());
      } catch {
        // Tried again below; those who read and write meanwhile tell their callers what is wrong.
      }
      await this.options.clock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }

  /** Resolves or rejects when the connection is over. */
  private async listen(connected: () => void): Promise<void> {
    const { address, channel, notified } = this.options;
    const { signal } = this.ending;
    const { driver, config } = await loadDriver(address);
    const client: pg.Client = new driver.Client(config);
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    client.on('end', end);
    client.on('error', end);
    signal.addEventListener('abort', end);
    client.on('notification', ({ payload }) => notified(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      connected();
      notified(undefined);
      await over;
    } finally {
      signal.removeEventListener('abort', end);
      await client.end().catch(() => undefined); // it is gone already
    }
  }
}
