// A TCP proxy in this process that can do to a connection what networks do: cut it, swallow what passes in one or both
// directions, be slow, refuse, or lose the one reply that matters. It knows ZooKeeper's packets (length, request number,
// opcode) only where a test asks for a certain request; for anything else it is a plain proxy.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../base/index.js';

export type Direction = 'toServer' | 'toClient';

/** A ZooKeeper request that passes to the server. Connect requests and pings are not shown. */
export interface PassingRequest {
  readonly xid: number;
  readonly opcode: number;
}

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
}

export class TcpProxy {
  readonly host = '127.0.0.1';
  /** Connections accepted since the start. */
  accepted = 0;
  /** Bytes swallowed since the start, in both directions. */
  swallowedBytes = 0;
  private readonly target: { host: string; port: number };
  private readonly server: Server;
  private readonly links = new Set<Link>();
  private readonly swallowed: Record<Direction, boolean> = { toServer: false, toClient: false };
  private delayMs = 0;
  private refusing = false;
  private lose: { matches: (request: PassingRequest) => boolean; done: () => void } | undefined;

  private constructor(target: { host: string; port: number }) {
    this.target = target;
    this.server = createServer({ noDelay: true }, (client) => this.link(client));
  }

  /** A proxy on a free port of the loopback address, forwarding to `target`. */
  static async start(target: { host?: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host: target.host ?? '127.0.0.1', port: target.port });
    proxy.server.listen(0, proxy.host);
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.links.size;
  }

  /** Ends every connection at once, in both directions. New ones are accepted as before. (Not by resetAndDestroy: when the
   * other side has just closed, Node 20 loses the handle by it, and the process spins for ever when it should exit.) */
  cut(): void {
    for (const { client, upstream } of this.links) {
      client.destroy();
      upstream.destroy();
    }
    this.links.clear();
  }

  /** While on, connections stay open and are accepted, and nothing passes: what a firewall that drops packets does. */
  blackHole(on: boolean): void {
    this.drop('toServer', on);
    this.drop('toClient', on);
  }

  /** While on, what goes in that direction is swallowed. */
  drop(direction: Direction, on: boolean): void {
    this.swallowed[direction] = on;
  }

  /** What arrives from now on passes `ms` later, in order. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** While on, a new connection is closed as soon as it was accepted. */
  refuse(on: boolean): void {
    this.refusing = on;
  }

  /** Lets the first ZooKeeper request that matches pass to the server, waits for the server's reply to it, throws the
   * reply away and cuts the connection: the operation has happened, and the client does not know. Resolves then. */
  loseReply(matches: (request: PassingRequest) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      this.lose = { matches, done: resolve };
    });
  }

  /** The same for the n-th request from now on (1 = the next one). */
  cutAfterRequest(n: number): Promise<void> {
    let passed = 0;
    return this.loseReply(() => {
      passed += 1;
      return passed === n;
    });
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    if (this.server.listening) await once(this.server, 'close');
  }

  private link(client: Socket): void {
    this.accepted += 1;
    client.on('error', () => undefined); // a reset by either side is what this proxy is for; 'close' follows
    if (this.refusing) {
      client.destroy();
      return;
    }
    const upstream = connect({ ...this.target, noDelay: true });
    upstream.on('error', () => undefined); // see above
    const link = { client, upstream };
    this.links.add(link);
    const end = () => {
      this.links.delete(link);
      client.destroy();
      upstream.destroy();
    };
    client.on('close', end);
    upstream.on('close', end);
    this.pipe(link);
  }

  private pipe(link: Link): void {
    const { client, upstream } = link;
    const requests = new Packets();
    const replies = new Packets();
    let awaited: number | undefined;
    client.on('data', (chunk: Buffer) => {
      if (this.swallow('toServer', chunk)) return;
      for (const packet of requests.take(chunk)) awaited ??= this.chosen(packet, requests.taken === 0);
      this.pass(upstream, chunk, 'toServer');
    });
    upstream.on('data', (chunk: Buffer) => {
      if (this.swallow('toClient', chunk)) return;
      for (const packet of replies.take(chunk)) {
        if (awaited === undefined || packet.readInt32BE(4) !== awaited || replies.taken === 0) continue;
        client.destroy();
        this.lose?.done();
        this.lose = undefined;
        return;
      }
      this.pass(client, chunk, 'toClient');
    });
  }

  private swallow(direction: Direction, chunk: Buffer): boolean {
    if (this.swallowed[direction]) this.swallowedBytes += chunk.length;
    return this.swallowed[direction];
  }

  private chosen(packet: Buffer, first: boolean): number | undefined {
    if (this.lose === undefined || first || packet.length < 12) return undefined;
    const request = { xid: packet.readInt32BE(4), opcode: packet.readInt32BE(8) };
    return request.xid >= 0 && this.lose.matches(request) ? request.xid : undefined;
  }

  private pass(to: Socket, chunk: Buffer, direction: Direction): void {
    if (this.delayMs === 0) to.write(chunk);
    else
      systemClock.timerAfter(this.delayMs, () => {
        if (!this.swallow(direction, chunk) && !to.destroyed) to.write(chunk);
      });
  }
}

/** Cuts a direction of a connection into packets, length included. `taken` counts those before the present one. */
class Packets {
  taken = -1;
  private rest = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<Buffer> {
    this.rest = Buffer.concat([this.rest, chunk]);
    while (this.rest.length >= 4) {
      const length = 4 + this.rest.readUInt32BE(0);
      if (this.rest.length < length) return;
      const packet = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      this.taken += 1;
      yield packet;
    }
  }
}
