// Reads the log of a run, and follows it: resumes by attempt and offset, so that nothing is lost or repeated when the
// connection breaks or the center restarts.
import { Backoff, isCloudTaskError } from '../../base/index.js';
import type { Api } from './api.js';
import { linesOf } from './lines.js';
import { resourcePath } from './paths.js';
import { recoverable } from './watch.js';

export interface LogRequest {
  readonly namespace: string;
  readonly run: string;
  readonly follow: boolean;
  /** One attempt only; all in order unless given. */
  readonly attempt?: number;
  readonly stream?: 'stdout' | 'stderr';
  /** Lines from the end. */
  readonly tail?: number;
  /** RFC 3339. */
  readonly since?: string;
  /** Only whole lines that match this regular expression. */
  readonly grep?: string;
  /** Where exactly to begin, instead of `tail` and `since`. */
  readonly from?: LogPlace;
}

export interface LogPlace {
  readonly attempt: number;
  readonly offset: number;
}

export interface LogPiece {
  readonly offset: number;
  readonly nextOffset: number;
  readonly attempt: number;
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339. */
  readonly time: string;
  readonly bytes: Buffer;
}

export interface LogEnd {
  readonly attempt: number;
  readonly state: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

interface DataLine {
  offset: number;
  nextOffset: number;
  attempt: number;
  stream: 'stdout' | 'stderr';
  time: string;
  data: string;
  /** Where to take up again: lines of both streams may be open beside one that matched. `nextOffset` unless given. */
  resume?: number;
}

type LogLine =
  | { ping: true; attempt?: number; nextOffset?: number; seen?: number }
  | { end: true; attempt: number; state: string; exitCode?: number; signal?: string }
  | DataLine;

/** The server sends a ping every 5 s; three missing ones mean that the connection is dead. */
const IDLE_MS = 16_000;
const RECONNECT = { initialMs: 100, maxMs: 2000 };

/** A center that came back without the last bytes refuses our position; their agent sends them again. */
function behind(error: unknown, position: LogPlace | undefined): boolean {
  return position !== undefined && isCloudTaskError(error, 'CT_BAD_REQUEST');
}

/** Yields the pieces in order; returns the end line, or undefined when the log is open and `follow` was not asked for. */
export async function* readLog(
  api: Api,
  request: LogRequest,
  onTrouble: (error: unknown) => void = () => undefined,
): AsyncGenerator<LogPiece, LogEnd | undefined> {
  const backoff = new Backoff(RECONNECT);
  let position: LogPlace | undefined = request.from;
  let seen: LogPlace | undefined;
  let troubled = false;
  let opened = false;
  const onOpen = () => {
    opened = true;
  };
  for (;;) {
    try {
      for await (const line of oneRead(api, request, position, onOpen)) {
        troubled = false;
        backoff.reset();
        if ('end' in line) return line;
        if ('ping' in line) {
          if (line.attempt !== undefined && line.nextOffset !== undefined) {
            position = { attempt: line.attempt, offset: line.nextOffset };
            if (line.seen !== undefined) seen = { attempt: line.attempt, offset: line.seen };
          }
          continue;
        }
        const piece = line.resume === undefined ? newPart(line, position) : newLine(line, seen);
        position = { attempt: line.attempt, offset: line.resume ?? line.nextOffset };
        if (piece !== undefined) seen = { attempt: line.attempt, offset: line.nextOffset };
        if (piece !== undefined) yield piece;
      }
      if (!request.follow) return undefined;
    } catch (error) {
      api.signal.throwIfAborted();
      // Before the first answer a failure is the answer ("not found", "refused"); afterwards it is an interruption.
      if (!opened || !(recoverable(error) || behind(error, position))) throw error;
      if (!troubled) onTrouble(error);
      troubled = true;
    }
    await api.clock.sleep(backoff.next(), api.signal);
  }
}

async function* oneRead(
  api: Api,
  request: LogRequest,
  from: LogPlace | undefined,
  onOpen: () => void,
): AsyncGenerator<LogLine> {
  const query = {
    follow: request.follow ? 1 : undefined,
    attempt: request.attempt,
    stream: request.stream,
    grep: request.grep,
    // A limit from the end or by time only says where to begin.
    ...(from === undefined ? { tail: request.tail, since: request.since } : { from: `${from.attempt}:${from.offset}` }),
  };
  const path = resourcePath('runs', request.namespace, request.run, 'log');
  const response = await api.open(path, query, 'application/x-ndjson');
  onOpen();
  for await (const line of linesOf(response.stream, api.clock, IDLE_MS)) yield JSON.parse(line) as LogLine;
}

/** A line that was found, unless it was told before the connection broke: lines come in the order of their ends. */
function newLine({ data, ...line }: DataLine, seen: LogPlace | undefined): LogPiece | undefined {
  const told = seen !== undefined && line.attempt === seen.attempt && line.nextOffset <= seen.offset;
  return told ? undefined : { ...line, bytes: Buffer.from(data, 'base64') };
}

/** What of a piece lies behind `position`: a server that resumes at a piece's start sends bytes again. */
function newPart(line: DataLine, position: LogPlace | undefined): LogPiece | undefined {
  const bytes = Buffer.from(line.data, 'base64');
  const { offset, nextOffset, attempt, stream, time } = line;
  const piece = { offset, nextOffset, attempt, stream, time, bytes };
  if (position === undefined || attempt > position.attempt || offset >= position.offset) return piece;
  if (attempt < position.attempt || nextOffset <= position.offset) return undefined;
  const skip = position.offset - offset;
  return { ...piece, offset: position.offset, bytes: bytes.subarray(skip) };
}
