// A center as an agent sees it, for tests of the agent alone: it serves tasks, takes reports and output by the rules of
// the protocol, hands out requests, and can be told to be away. It decides nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Emitter } from '../../base/index.js';
import {
  type AgentHeartbeat,
  type AgentLog,
  type AgentRequest,
  decodeLogChunks,
  isFinal,
  type LogPosition,
  type RunReport,
  runRank,
  type Task,
  tzdataVersion,
} from '../../manifests/index.js';
import { PackageServer } from './package-server.js';

interface StoredLog {
  position: { stdout: number; stderr: number; ended: boolean };
  stdout: Buffer[];
  stderr: Buffer[];
  gaps: number;
}

export class RecordingCenter {
  /** Who has another one is refused. */
  token = 'ct_test';
  readonly tasks = new Map<string, Task>();
  readonly runs = new Map<string, RunReport>();
  /** Every report in the order of arrival. */
  readonly history: RunReport[] = [];
  readonly logs = new Map<string, StoredLog>();
  readonly packages = new PackageServer();
  lastHeartbeat: AgentHeartbeat | undefined;
  readonly events = new Emitter<{
    report: RunReport;
    log: string;
    ownLog: AgentLog;
    stream: undefined;
    heartbeat: undefined;
  }>();
  private readonly streams = new Set<ServerResponse>();
  private readonly open = new Map<string, AgentRequest>();
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.handle(request, response));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Gone, as after kill -9; `start` brings it back on the same port with what it had committed. */
  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server === undefined ? resolve() : this.server.close(() => resolve())));
    this.server = undefined;
    this.streams.clear();
  }

  request(request: AgentRequest): void {
    if (request.type === 'Start') this.open.set(request.run.uid, request);
    for (const stream of this.streams) stream.write(`${JSON.stringify(request)}\n`);
  }

  /** Nobody is told of it now: only who opens the requests stream from here on. */
  leaveOpen(request: Extract<AgentRequest, { type: 'Continue' }>): void {
    this.open.set(request.run.report.uid, request);
  }

  text(runUid: string, attempt: number, stream: 'stdout' | 'stderr'): string {
    return Buffer.concat(this.logs.get(`${runUid}/${attempt}`)?.[stream] ?? []).toString();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const path = request.url ?? '';
    if (request.headers.authorization !== `Bearer ${this.token}`) return this.reply(response, 401, {});
    if (this.packages.handle(request, response)) return;
    if (path.endsWith('/requests')) return this.stream(response);
    if (path.endsWith('/status')) {
      this.lastHeartbeat = JSON.parse(body.toString()) as AgentHeartbeat;
      this.events.emit('heartbeat', undefined);
      return this.reply(response, 200, { uid: 'u', now: 0, tzdata: tzdataVersion() });
    }
    if (path.endsWith('/tasks')) {
      const { uids } = JSON.parse(body.toString()) as { uids: string[] };
      return this.reply(response, 200, { items: uids.flatMap((uid) => this.tasks.get(uid) ?? []) });
    }
    if (path.endsWith('/own-log')) {
      this.events.emit('ownLog', JSON.parse(body.toString()) as AgentLog);
      return this.reply(response, 200, { taken: true });
    }
    if (path.endsWith('/reports')) return this.reply(response, 200, this.takeReports(body));
    if (path.endsWith('/logs')) return this.reply(response, 200, this.takeLogs(body));
    this.reply(response, 404, {});
  }

  private stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const request of this.open.values()) response.write(`${JSON.stringify(request)}\n`);
    response.write('{"type":"Ping"}\n');
    this.streams.add(response);
    this.events.emit('stream', undefined);
  }

  private takeReports(body: Buffer): unknown {
    const { reports } = JSON.parse(body.toString()) as { reports: RunReport[] };
    for (const report of reports) {
      this.history.push(report);
      const known = this.runs.get(report.uid);
      if (known === undefined || runRank(report.state, report.attempt) >= runRank(known.state, known.attempt)) {
        this.runs.set(report.uid, report);
      }
      if (isFinal(report.state)) this.open.delete(report.uid);
      this.events.emit('report', report);
    }
    return { accepted: reports.map(({ uid }) => uid), refused: [] };
  }

  private takeLogs(body: Buffer): unknown {
    const positions = new Map<string, LogPosition>();
    for (const { header, payload } of decodeLogChunks(body)) {
      const key = `${header.runUid}/${header.attempt}`;
      let log = this.logs.get(key);
      if (log === undefined) {
        log = { position: { stdout: 0, stderr: 0, ended: false }, stdout: [], stderr: [], gaps: 0 };
        this.logs.set(key, log);
      }
      if (header.streamOffset === log.position[header.stream]) {
        log[header.stream].push(Buffer.from(payload));
        log.position[header.stream] += header.gapBytes ?? payload.length;
        if (header.gapBytes !== undefined) log.gaps += 1;
        if (header.end) log.position.ended = true;
      }
      positions.set(key, { runUid: header.runUid, attempt: header.attempt, ...log.position });
      this.events.emit('log', key);
    }
    return { positions: [...positions.values()] };
  }

  private reply(response: ServerResponse, status: number, value: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  }
}
