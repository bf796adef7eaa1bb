// node:net for simulated processes: what product code uses of sockets and servers, over the simulated network. Addresses
// are `host:port`, where the host is the machine's name, or the path of a local socket.
import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { writeFileSync } from '../disk/fs.js';
import { kernel, type SimulatedProcess } from '../kernel.js';
import { Channel, type Cuttable, networkOf } from '../world/network.js';

const listening = new Map<string, Server>();
let nextPort = 40_000;

let sender: SimulatedProcess | undefined;

/** Whose bytes are being received at this moment. */
export function senderNow(): SimulatedProcess | undefined {
  return sender;
}

export function resetNet(): void {
  listening.clear();
  nextPort = 40_000;
}

/** What a dead process listened on answers nobody any more. */
export function stopListening(process: SimulatedProcess): void {
  for (const [address, server] of listening) if (server.owner === process) listening.delete(address);
}

class Stream implements Cuttable {
  readonly machines: readonly [string, string];
  readonly processes: readonly [SimulatedProcess, SimulatedProcess];
  readonly ends: readonly [Socket, Socket];

  constructor(a: Socket, b: Socket) {
    this.ends = [a, b];
    this.processes = [a.owner, b.owner];
    this.machines = [a.owner.machine, b.owner.machine];
    networkOf().opened(this);
  }

  cut(): void {
    networkOf().closed(this);
    for (const end of this.ends) end.broken();
  }

  closed(): void {
    networkOf().closed(this);
  }
}

export class Socket extends EventEmitter {
  readonly owner: SimulatedProcess;
  readonly remoteAddress = 'simulated';
  readonly remotePort = 1;
  destroyed = false;
  writableEnded = false;
  /** The network takes everything at once. */
  readonly writableLength = 0;
  private peer: Socket | undefined;
  private channel: Channel | undefined;
  private stream: Stream | undefined;
  private corked = 0;
  private corkedData: Buffer[] = [];
  private paused = false;
  private readonly inbox: (Buffer | 'end')[] = [];
  private decoder: StringDecoder | undefined;
  private endSeen = false;
  private closeTold = false;

  constructor(owner: SimulatedProcess) {
    super();
    this.owner = owner;
  }

  get writable(): boolean {
    return !this.destroyed && !this.writableEnded;
  }

  join(peer: Socket, stream: Stream): void {
    this.peer = peer;
    this.stream = stream;
    this.channel = new Channel(this.owner, peer.owner);
  }

  write(data: Uint8Array | string, done?: () => void): boolean {
    if (this.destroyed || this.writableEnded) return false;
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    if (this.corked > 0) this.corkedData.push(bytes);
    else this.transmit(bytes);
    if (done !== undefined) kernel().after(0, done);
    return true;
  }

  end(data?: Uint8Array | string, done?: () => void): this {
    if (this.destroyed || this.writableEnded) return this;
    if (data !== undefined) this.write(data);
    this.corked = 1;
    this.uncork();
    this.writableEnded = true;
    const { peer } = this;
    if (peer !== undefined) this.channel?.send(() => peer.take('end'));
    if (done !== undefined) kernel().after(0, done);
    if (this.endSeen) this.close();
    return this;
  }

  destroy(): this {
    if (this.destroyed) return this;
    const { peer } = this;
    this.destroyed = true;
    if (peer !== undefined) this.channel?.send(() => peer.broken());
    this.close();
    return this;
  }

  cork(): void {
    this.corked += 1;
  }

  uncork(): void {
    this.corked = Math.max(0, this.corked - 1);
    if (this.corked > 0 || this.corkedData.length === 0) return;
    const bytes = Buffer.concat(this.corkedData);
    this.corkedData = [];
    if (!this.destroyed) this.transmit(bytes);
  }

  pause(): this {
    this.paused = true;
    return this;
  }

  resume(): this {
    if (!this.paused) return this;
    this.paused = false;
    kernel().schedule(0, this.owner, () => this.drain());
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setEncoding(): this {
    this.decoder = new StringDecoder('utf8');
    return this;
  }

  unref(): this {
    return this;
  }

  /** The connection broke, or the other end destroyed it. */
  broken(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    kernel().schedule(0, this.owner, () => this.close());
  }

  private take(item: Buffer | 'end'): void {
    if (this.destroyed) return;
    this.inbox.push(item);
    this.drain();
  }

  private drain(): void {
    while (!this.paused && !this.destroyed) {
      const item = this.inbox.shift();
      if (item === undefined) return;
      if (item !== 'end') this.emit('data', this.decoder === undefined ? item : this.decoder.write(item));
      else {
        this.endSeen = true;
        this.emit('end');
        // As node:net does unless half-open connections are allowed.
        if (this.writableEnded) this.close();
        else this.end();
      }
    }
  }

  private transmit(bytes: Buffer): void {
    const { peer } = this;
    if (peer === undefined) return;
    this.channel?.send(() => {
      sender = this.owner;
      peer.take(bytes);
      sender = undefined;
    });
  }

  private close(): void {
    this.destroyed = true;
    this.stream?.closed();
    if (this.closeTold) return;
    this.closeTold = true;
    kernel().schedule(0, this.owner, () => this.emit('close'));
  }
}

export class Server extends EventEmitter {
  readonly owner = ownerNow();
  private address_ = '';
  private port = 0;

  listen(...args: readonly unknown[]): this {
    const done = args.at(-1) as () => void;
    const [first, host] = args;
    if (typeof first === 'string') {
      this.address_ = first;
      writeFileSync(first, ''); // as bind(2) does; it stays when the process is killed
    }
    if (typeof first !== 'string') {
      this.port = first === 0 ? nextPort++ : (first as number);
      this.address_ = `${host as string}:${this.port}`;
    }
    if (listening.has(this.address_)) {
      const error = Object.assign(new Error(`listen EADDRINUSE ${this.address_}`), { code: 'EADDRINUSE' });
      kernel().after(0, () => this.emit('error', error));
      return this;
    }
    listening.set(this.address_, this);
    kernel().after(0, done);
    return this;
  }

  address(): { port: number } {
    return { port: this.port };
  }

  close(done?: () => void): this {
    if (listening.get(this.address_) === this) listening.delete(this.address_);
    if (done !== undefined) kernel().after(0, done);
    return this;
  }

  unref(): this {
    return this;
  }
}

export function createServer(...args: readonly unknown[]): Server {
  const server = new Server();
  server.on('connection', args.at(-1) as (socket: Socket) => void);
  return server;
}

export function connect(target: string | { host: string; port: number }): Socket {
  const address = typeof target === 'string' ? target : `${target.host}:${target.port}`;
  const machine = typeof target === 'string' ? undefined : target.host;
  const client = new Socket(ownerNow());
  dial(client, address, machine);
  return client;
}

function dial(client: Socket, address: string, machine: string | undefined): void {
  const sim = kernel();
  const network = networkOf();
  const from = client.owner.machine;
  const to = machine ?? from;
  const answer = (fn: () => void) => {
    // A swallowed handshake is repeated by the kernel of the machine until it comes through or the caller gives up.
    const attempt = () => {
      if (client.destroyed) return;
      if (network.swallows(from, to) || network.swallows(to, from)) sim.schedule(200, client.owner, attempt);
      else fn();
    };
    sim.schedule(from === to ? 0.05 : 0.4 + network.random.next(), client.owner, attempt);
  };
  answer(() => {
    const server = listening.get(address);
    if (server === undefined || server.owner.mode === 'dead') {
      const error = Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' });
      client.emit('error', error);
      client.destroy();
      return;
    }
    const accepted = new Socket(server.owner);
    const stream = new Stream(client, accepted);
    client.join(accepted, stream);
    accepted.join(client, stream);
    sim.schedule(0.02, server.owner, () => server.emit('connection', accepted));
    client.emit('connect');
  });
}

function ownerNow(): SimulatedProcess {
  const owner = kernel().current;
  if (owner === undefined) throw new Error('only a simulated process has sockets');
  return owner;
}
