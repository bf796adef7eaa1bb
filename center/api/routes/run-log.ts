// Output of a run: raw bytes for people and pipes, or JSON lines that say where each piece belongs, so that a client that
// lost its connection goes on without a gap.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../../base/index.js';
import type { LogStream, Run } from '../../../manifests/index.js';
import { notFound, type Stored } from '../../store/index.js';
import { grepLog } from '../grep/grep-log.js';
import { type LineMatcher, lineMatcher } from '../grep/line-matcher.js';
import { LineStream } from '../line-stream.js';
import { type LogItem, type LogPosition, lastAttempt, readRunLog } from '../log-reader.js';
import { tailStart } from '../log-start.js';
import { bad, flag, integer, oneOf, parametersOf, type Query, queryOf } from '../request-options.js';
import { isRevocable, type Requester } from '../requester.js';
import type { ApiContext } from '../route.js';

const ATTEMPT_MAX = 10_000;
const TAIL_MAX = 1_000_000;
const NEWLINE = 10;

interface LogQuery {
  readonly stream: LogStream | undefined;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** One attempt only. */
  readonly single: boolean;
  readonly from: LogPosition;
  /** Of both streams, from the beginning on; what is filtered out counts. */
  readonly limitBytes: number | undefined;
  /** Only lines for which it holds. */
  readonly grep: LineMatcher | undefined;
}

export async function answerLog(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
): Promise<void> {
  const { namespace = '', name = '' } = parametersOf(request);
  const run = await context.store.get<Run>({ kind: 'Run', namespace, name });
  if (run === undefined) throw notFound({ kind: 'Run', namespace, name });
  const ndjson = /\bapplication\/x-ndjson\b/.test(request.headers.accept ?? '');
  const asked = await parse(context, run, queryOf(request), !ndjson);
  context.streams.requireRoom();
  const { bytes } = await context.store.logLength(run.metadata.uid, asked.from.attempt);
  const stream = LineStream.open(reply, {
    'content-type': ndjson ? 'application/x-ndjson' : 'text/plain; charset=utf-8',
    'ctask-log-attempt': String(asked.from.attempt),
    'ctask-log-offset': String(asked.from.offset),
    'ctask-log-bytes': String(bytes),
  });
  context.streams.add(stream, 'log', isRevocable(user));
  const { store, hub, clock } = context;
  const all = readRunLog({ store, hub, clock, run, ...asked, signal: stream.closed });
  const items = asked.limitBytes === undefined ? all : upTo(all, asked.limitBytes);
  try {
    if (asked.grep !== undefined) await sendFound(stream, items, asked.grep, asked, ndjson, clock);
    else await (ndjson ? sendLines(stream, items, asked) : sendBytes(stream, items, asked));
    stream.end();
  } catch (error) {
    // The headers are sent: only a broken connection tells the reader that this is not the whole.
    context.log.warn({ run: run.metadata.name, err: error }, 'reading a log failed');
    stream.destroy();
  }
}

async function parse(context: ApiContext, run: Stored<Run>, query: Query, raw: boolean): Promise<LogQuery> {
  const stream = oneOf(query, 'stream', ['stdout', 'stderr'] as const);
  const attempt = integer(query, 'attempt', 1, ATTEMPT_MAX);
  // Raw bytes do not say where an attempt ends, so they are those of one attempt: the last unless asked otherwise.
  const single = attempt ?? (raw ? lastAttempt(run) : undefined);
  const range = { first: single ?? 1, last: single ?? lastAttempt(run) };
  return {
    stream,
    follow: flag(query, 'follow'),
    timestamps: flag(query, 'timestamps'),
    single: single !== undefined,
    limitBytes: integer(query, 'limitBytes', 1, Number.MAX_SAFE_INTEGER),
    grep: query.grep ? lineMatcher(query.grep) : undefined,
    from: await startOf(context, run, query, range, stream),
  };
}

/** So many bytes of them, and not the word that the run is over: there may be more. */
async function* upTo(items: AsyncIterable<LogItem>, limitBytes: number): AsyncGenerator<LogItem> {
  let left = limitBytes;
  for await (const item of items) {
    if (item.type !== 'piece') {
      yield item;
      continue;
    }
    yield { ...item, bytes: item.bytes.subarray(0, left) };
    left -= item.bytes.length;
    if (left <= 0) return;
  }
}

/** `from` or `offset` say exactly where to begin; `since` and `tail` are looked up, and the later of both counts. */
async function startOf(
  { store }: ApiContext,
  run: Stored<Run>,
  query: Query,
  range: { first: number; last: number },
  stream: LogStream | undefined,
): Promise<LogPosition> {
  const { uid } = run.metadata;
  if (query.from !== undefined) return within(store, uid, parseFrom(query.from));
  const offset = integer(query, 'offset', 0, Number.MAX_SAFE_INTEGER);
  if (offset !== undefined) return within(store, uid, { attempt: range.first, offset });
  let start: LogPosition = { attempt: range.first, offset: 0 };
  if (query.since) start = await sinceStart(store, uid, query.since, range);
  const lines = integer(query, 'tail', 0, TAIL_MAX);
  if (lines === undefined) return start;
  const tail = await tailStart(store, uid, range, lines, stream);
  const later = tail.attempt > start.attempt || (tail.attempt === start.attempt && tail.offset > start.offset);
  return later ? tail : start;
}

/** Refuses a position beyond the end before the headers are sent. */
async function within(store: ApiContext['store'], uid: string, position: LogPosition): Promise<LogPosition> {
  const { bytes } = await store.logLength(uid, position.attempt);
  if (position.offset > bytes) throw bad('offset', `the log has ${bytes} bytes so far`);
  return position;
}

async function sinceStart(
  store: ApiContext['store'],
  uid: string,
  text: string,
  { first, last }: { first: number; last: number },
): Promise<LogPosition> {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw bad('since', `"${text}" is not an RFC 3339 time`);
  for (let attempt = first; ; attempt++) {
    const offset = await store.logOffsetSince(uid, attempt, time);
    if (attempt >= last || offset < (await store.logLength(uid, attempt)).bytes) return { attempt, offset };
  }
}

function parseFrom(text: string): LogPosition {
  const match = /^(\d{1,5}):(\d{1,15})$/.exec(text);
  if (match === null || Number(match[1]) < 1) throw bad('from', `"${text}" is not of the form attempt:offset`);
  return { attempt: Number(match[1]), offset: Number(match[2]) };
}

/** Lines that match (C-68). Several streams may have lines open, so each line says where to take up again. */
async function sendFound(
  stream: LineStream,
  items: AsyncIterable<LogItem>,
  matches: LineMatcher,
  asked: LogQuery,
  ndjson: boolean,
  clock: Clock,
): Promise<void> {
  const stamp = timestamper();
  for await (const item of grepLog(items, matches, asked.stream, clock)) {
    if (item.type === 'end') {
      if (ndjson) await stream.write(endLine(item));
    } else if (item.type === 'ping') {
      const { attempt, resume, seen } = item;
      if (ndjson) await stream.write(`${JSON.stringify({ ping: true, attempt, nextOffset: resume, seen })}\n`);
    } else if (ndjson) {
      const { type: _, time, bytes, ...place } = item;
      const line = { ...place, time: new Date(time).toISOString(), data: bytes.toString('base64') };
      await stream.write(`${JSON.stringify(line)}\n`);
    } else await stream.write(asked.timestamps ? stamp(item.bytes, item.time) : item.bytes);
  }
}

function endLine({ attempt, run }: Extract<LogItem, { type: 'end' }>): string {
  const { state, exitCode, signal } = run.status ?? { state: 'Pending' };
  return `${JSON.stringify({ end: true, attempt, state, exitCode, signal })}\n`;
}

async function sendLines(stream: LineStream, items: AsyncIterable<LogItem>, asked: LogQuery): Promise<void> {
  for await (const item of items) {
    if (item.type === 'ping') {
      const { attempt, offset } = item.position;
      await stream.write(`${JSON.stringify({ ping: true, attempt, nextOffset: offset })}\n`);
    } else if (item.type === 'end') {
      await stream.write(endLine(item));
    } else if (asked.stream === undefined || asked.stream === item.stream) {
      const { offset, attempt, time, bytes } = item;
      const head = { offset, nextOffset: offset + bytes.length, attempt, stream: item.stream };
      const line = { ...head, time: new Date(time).toISOString(), data: bytes.toString('base64') };
      await stream.write(`${JSON.stringify(line)}\n`);
    }
  }
}

async function sendBytes(stream: LineStream, items: AsyncIterable<LogItem>, asked: LogQuery): Promise<void> {
  const stamp = timestamper();
  for await (const item of items) {
    if (item.type !== 'piece' || (asked.stream !== undefined && asked.stream !== item.stream)) continue;
    await stream.write(asked.timestamps ? stamp(item.bytes, item.time) : item.bytes);
  }
}

/** Puts the time at which a line's first byte was read in front of each line. */
function timestamper(): (bytes: Buffer, time: number) => Buffer {
  let atLineStart = true;
  return (bytes, time) => {
    const prefix = Buffer.from(`${new Date(time).toISOString()} `);
    const parts: Buffer[] = [];
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline + 1;
      if (atLineStart) parts.push(prefix);
      parts.push(bytes.subarray(start, end));
      atLineStart = newline >= 0;
      start = end;
    }
    return Buffer.concat(parts);
  };
}
