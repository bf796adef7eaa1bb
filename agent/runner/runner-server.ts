import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../../base/index.js';
import type { Watcher } from './attempt.js';
import type { Attempts } from './attempts.js';
import type { Launcher } from './launcher.js';
import { LineChannel } from './line-channel.js';
import type { FromRunner, ToRunner } from './messages.js';

export interface RunnerServerOptions {
  readonly log: Logger;
  readonly launcher: Launcher;
  readonly attempts: Attempts;
  /** The number of connections changed. */
  readonly connectionsChanged: () => void;
  /** An agent asked the runner to end. */
  readonly leave: () => void;
}

/** Speaks to agents: normally one; during a restart of the agent, two for a moment. */
export class RunnerServer {
  private readonly options: RunnerServerOptions;
  private readonly server: Server;
  private readonly channels = new Set<LineChannel<ToRunner, FromRunner>>();

  constructor(options: RunnerServerOptions) {
    this.options = options;
    this.server = createServer((socket) => this.accept(socket));
  }

  get connections(): number {
    return this.channels.size;
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
  }

  close(): void {
    this.server.close();
    for (const channel of this.channels) channel.end();
  }

  private accept(socket: Socket): void {
    const { attempts, connectionsChanged, log } = this.options;
    const watcher: Watcher = { exited: (directory, exit) => channel.send({ type: 'exit', directory, exit }) };
    const channel = new LineChannel<ToRunner, FromRunner>(socket, {
      message: (message) => this.handle(message, channel, watcher),
      close: (error) => {
        if (error !== undefined) log.warn({ err: error }, 'connection to the agent failed');
        this.channels.delete(channel);
        attempts.forget(watcher);
        connectionsChanged();
      },
    });
    this.channels.add(channel);
    connectionsChanged();
    channel.send({ type: 'hello', pid: process.pid });
  }

  private handle(message: ToRunner, channel: LineChannel<ToRunner, FromRunner>, watcher: Watcher): void {
    const { launcher, attempts } = this.options;
    switch (message.type) {
      case 'launch':
        launcher.launch(message.request, {
          watcher,
          launched: (outcome) => channel.send({ type: 'launched', id: message.id, outcome }),
          refused: (why) => channel.send({ type: 'refused', id: message.id, message: why }),
        });
        break;
      case 'cancel':
        if (!launcher.withdraw(message.directory)) attempts.cancel(message.directory, message.gracePeriodMs);
        break;
      case 'watch':
        attempts.watch(message.directory, watcher);
        break;
      case 'shutdown': {
        const running = launcher.waiting + attempts.count;
        if (running === 0 || message.force) this.options.leave();
        channel.send({ type: 'leaving', running: message.force ? 0 : running });
        break;
      }
    }
  }
}
