import type { Logger } from './logger.js';

/**
 * Something with a life. Nothing happens in a constructor; `start` resolves when the service is ready; `stop` is
 * idempotent and may be called after a failed start.
 */
export interface Service {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const STOP_DEADLINE_MS = 15_000;

/** Starts services in order and stops them in reverse order, each with a deadline. */
export class ServiceGroup implements Service {
  readonly name: string;
  private readonly log: Logger;
  private readonly services: readonly Service[];
  private readonly started: Service[] = [];

  constructor(name: string, log: Logger, services: readonly Service[]) {
    this.name = name;
    this.log = log;
    this.services = services;
  }

  /** Rejects with the first failure, after what had been started was stopped again. */
  async start(signal: AbortSignal): Promise<void> {
    for (const service of this.services) {
      try {
        signal.throwIfAborted();
        this.started.push(service);
        await service.start(signal);
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  async stop(): Promise<void> {
    for (;;) {
      const service = this.started.pop();
      if (service === undefined) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), STOP_DEADLINE_MS);
      });
      try {
        const end = await Promise.race([service.stop(), late]);
        if (end === 'late') this.log.warn({ service: service.name }, 'service did not stop in time');
      } catch (error) {
        this.log.warn({ service: service.name, err: error }, 'service failed to stop cleanly');
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
