// A server for tests that says exactly what a test tells it to: it cuts packets out of the stream and hands them on, and
// has no opinion of its own. What a real server does is tested against a real server.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface RawRequest {
  readonly connection: RawConnection;
  /** 0 for the connect request, which has neither request number nor opcode. */
  readonly index: number;
  readonly xid: number;
  readonly opcode: number;
  readonly bytes: Buffer;
}

export class RawConnection {
  readonly socket: Socket;
  /** Of the server's connections, from 0. */
  readonly number: number;

  constructor(socket: Socket, number: number) {
    this.socket = socket;
    this.number = number;
  }

  /** Answers the connect request; a time-out of 0 says that the session has expired. */
  greet(timeoutMs: number, sessionId = 7n): void {
    const body = Buffer.alloc(37);
    body.writeInt32BE(timeoutMs, 4);
    body.writeBigInt64BE(sessionId, 8);
    body.writeInt32BE(16, 16);
    this.write(body);
  }

  reply(xid: number, error = 0, payload: Buffer = Buffer.alloc(0), zxid = 1n): void {
    this.write(replyBody(xid, error, payload, zxid));
  }

  /** A watch event: 1 created, 2 deleted, 3 data changed, 4 children changed. */
  notify(type: number, path: string): void {
    this.write(notificationBody(type, path));
  }

  /** Several packets in one write. */
  burst(bodies: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bodies.map(framed)));
  }

  private write(body: Buffer): void {
    if (this.socket.writable) this.socket.write(framed(body));
  }
}

export class RawServer {
  readonly connections: RawConnection[] = [];
  private readonly server: Server;

  private constructor(handle: (request: RawRequest) => void, accepted: (connection: RawConnection) => void) {
    this.server = createServer({ noDelay: true }, (socket) => {
      const connection = new RawConnection(socket, this.connections.length);
      this.connections.push(connection);
      socket.on('error', () => undefined); // clients under test reset connections; 'close' follows
      accepted(connection);
      const packets = cutter();
      let index = 0;
      socket.on('data', (chunk: Buffer) => {
        for (const bytes of packets(chunk)) {
          handle({ connection, index, xid: bytes.readInt32BE(0), opcode: bytes.readInt32BE(4), bytes });
          index += 1;
        }
      });
    });
  }

  static async start(
    handle: (request: RawRequest) => void,
    accepted: (connection: RawConnection) => void = () => undefined,
  ): Promise<RawServer> {
    const server = new RawServer(handle, accepted);
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get open(): number {
    return this.connections.filter(({ socket }) => !socket.destroyed).length;
  }

  cut(): void {
    for (const { socket } of this.connections) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}

export function replyBody(xid: number, error = 0, payload: Buffer = Buffer.alloc(0), zxid = 1n): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32BE(xid, 0);
  header.writeBigInt64BE(zxid, 4);
  header.writeInt32BE(error, 12);
  return Buffer.concat([header, payload]);
}

export function notificationBody(type: number, path: string): Buffer {
  const text = Buffer.from(path);
  const payload = Buffer.alloc(12);
  payload.writeInt32BE(type, 0);
  payload.writeInt32BE(3, 4);
  payload.writeInt32BE(text.length, 8);
  return replyBody(-1, 0, Buffer.concat([payload, text]), -1n);
}

/** Payload of an answer to getData: `data` and a stat whose version is `version`. */
export function dataPayload(data: string, version = 0): Buffer {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes, statPayload(version)]);
}

export function statPayload(version = 0): Buffer {
  const stat = Buffer.alloc(68);
  stat.writeInt32BE(version, 32);
  return stat;
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function cutter(): (chunk: Buffer) => Generator<Buffer> {
  let rest = Buffer.alloc(0);
  return function* (chunk) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readInt32BE(0);
      if (rest.length < 4 + length) return;
      const body = rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
      yield body;
    }
  };
}
