// Serves packages to agents as a center does, with faults on demand.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Emitter } from '../../base/index.js';

export interface PackageRequest {
  readonly hex: string;
  /** First byte asked for. */
  readonly from: number;
}

export const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export class PackageServer {
  readonly requests: PackageRequest[] = [];
  readonly events = new Emitter<{ request: PackageRequest; closed: PackageRequest }>();
  /** Answers stop behind this many bytes of the package until `cut`; one offset for each answer. */
  readonly stops: number[] = [];
  /** Statuses to answer with instead, one for each answer. */
  readonly failures: number[] = [];
  /** Does not know Range. */
  isPlain = false;
  /** Sends this instead of the package. */
  forged: Buffer | undefined;
  /** Answers begin and do not go on. */
  isStuck = false;
  private readonly stopped: ServerResponse[] = [];
  private readonly packages = new Map<string, Buffer>();

  /** Returns the digest. */
  add(bytes: Buffer): string {
    const digest = digestOf(bytes);
    this.packages.set(digest.slice('sha256:'.length), bytes);
    return digest;
  }

  /** Breaks off the answers that have stopped. */
  cut(): void {
    for (const response of this.stopped.splice(0)) response.destroy();
  }

  /** False when the request asks for something else. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [, hex] = /\/agents\/[^/]+\/packages\/([0-9a-f]{64})$/.exec(request.url ?? '') ?? [];
    if (hex === undefined) return false;
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const asked = { hex, from: Number(first ?? 0) };
    this.requests.push(asked);
    response.on('close', () => this.events.emit('closed', asked));
    const bytes = this.forged ?? this.packages.get(hex);
    const failure = this.failures.shift() ?? (bytes === undefined ? 404 : undefined);
    if (failure !== undefined || bytes === undefined) response.writeHead(failure ?? 404).end('{"kind":"Status"}');
    else this.send(response, bytes, this.isPlain ? 0 : asked.from);
    this.events.emit('request', asked);
    return true;
  }

  private send(response: ServerResponse, bytes: Buffer, from: number): void {
    if (from > 0 && from >= bytes.length) {
      response.writeHead(416).end();
      return;
    }
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length - from, ...range });
    const stop = this.stops.shift();
    if (this.isStuck) response.write(bytes.subarray(from, from + 1));
    else if (stop === undefined) response.end(bytes.subarray(from));
    else {
      response.write(bytes.subarray(from, stop));
      this.stopped.push(response);
    }
  }
}
