// An HTTP proxy before a center, that writes down what passes: what a client sends, whatever the client thinks it sends.
import { once } from 'node:events';
import { createServer, request as openRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface PassedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** Answers that come for as long as somebody listens. */
const STREAM = /[?&](?:watch|follow)=/;

export class RecordingProxy {
  readonly passed: PassedRequest[] = [];
  /** Requests without an answer so far, streams left out. */
  open = 0;
  private gate: Promise<void> | undefined;
  private readonly server: Server;

  /** Answers wait until what is returned is called. */
  hold(): () => void {
    let release = () => {};
    this.gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  private constructor(target: URL) {
    this.server = createServer((incoming, outgoing) => {
      const { method = '', url: path = '', headers } = incoming;
      this.passed.push({ method, path });
      const counted = STREAM.test(path) ? 0 : 1;
      this.open += counted;
      outgoing.on('close', () => {
        this.open -= counted;
      });
      const { hostname, port } = target;
      const upstream = openRequest({ hostname, port, method, path, headers }, async (answer) => {
        await this.gate;
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
      });
      upstream.on('error', () => outgoing.destroy());
      outgoing.on('close', () => upstream.destroy());
      incoming.pipe(upstream);
    });
  }

  /** On a free port of the loopback address, until the test ends. */
  static async start(t: Test, target: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(new URL(target));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    t.teardown(() => {
      proxy.server.closeAllConnections();
      proxy.server.close();
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What may have changed something. */
  get writes(): readonly PassedRequest[] {
    return this.passed.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  }
}
