import { parseDuration } from '../../../base/index.js';
import type { Run } from '../../../manifests/index.js';
import type { LogRequest } from '../../client/log-follow.js';
import { checkFormat } from '../../output/objects.js';
import { localZone, parseTime } from '../../resources/instant.js';
import { usage } from '../../resources/target.js';

export interface LogsOptions {
  follow: boolean;
  followNext: boolean;
  tail?: number;
  /** RFC 3339. */
  since?: string;
  limitBytes?: number;
  timestamps: boolean;
  attempt?: number;
  previous: boolean;
  prefix: boolean;
  raw: boolean;
  ndjson: boolean;
  stream?: 'stdout' | 'stderr';
  /** Only lines that match; looked for by the server. */
  grep?: string;
  selector?: string;
  allRuns: boolean;
  allNamespaces: boolean;
  maxLogRequests: number;
  ignoreErrors: boolean;
  propagateExitCode: boolean;
}

type Given = 'tail' | 'since' | 'attempt' | 'stream' | 'limitBytes' | 'maxLogRequests' | 'ndjson';

export interface LogsFlags extends Omit<LogsOptions, Given> {
  tail?: string;
  since?: string;
  sinceTime?: string;
  attempt?: string;
  limitBytes?: string;
  maxLogRequests: string;
  stream: string;
  output?: string;
}

/** Lines of each run that labels select; one would not find anything in the whole of many. As in kubectl. */
const TAIL_OF_MANY = 10;

/** Throws CT_USAGE. */
export async function logsOptions(flags: LogsFlags, now: number): Promise<LogsOptions> {
  const { tail, since, sinceTime, attempt, stream, limitBytes, maxLogRequests, output, ...rest } = flags;
  if (since !== undefined && sinceTime !== undefined) throw usage('--since and --since-time exclude each other');
  if (stream !== 'stdout' && stream !== 'stderr' && stream !== 'both') {
    throw usage(`--stream "${stream}" is not one of stdout, stderr, both`);
  }
  const many = rest.selector !== undefined || rest.allRuns;
  if (many && rest.previous) throw usage('--previous goes with one run or task');
  if (rest.followNext && !rest.follow) throw usage('--follow-next goes with -f');
  const lines =
    tail === undefined ? (rest.selector === undefined ? -1 : TAIL_OF_MANY) : wholeNumber('--tail', tail, -1);
  const age = since === undefined ? undefined : now - ageOf(since);
  const from = sinceTime === undefined ? age : await parseTime('--since-time', sinceTime, localZone());
  return {
    ...rest,
    ndjson: checkFormat(output, ['ndjson']) === 'ndjson',
    maxLogRequests: wholeNumber('--max-log-requests', maxLogRequests, 1),
    ...(lines === -1 ? {} : { tail: lines }),
    ...(from === undefined ? {} : { since: new Date(from).toISOString() }),
    ...(limitBytes === undefined ? {} : { limitBytes: wholeNumber('--limit-bytes', limitBytes, 1) }),
    ...(attempt === undefined ? {} : { attempt: wholeNumber('--attempt', attempt, 1) }),
    ...(stream === 'both' ? {} : { stream }),
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least)) throw usage(`${flag} "${text}" is not a whole number from ${least}`);
  return number;
}

function ageOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw usage(`--since "${text}" is not a duration such as 5m`);
  return ms;
}

export function requestOf(run: Run, attempt: number | undefined, options: LogsOptions): LogRequest {
  return {
    namespace: run.metadata.namespace ?? 'default',
    run: run.metadata.name,
    follow: options.follow,
    ...(attempt === undefined ? {} : { attempt }),
    ...(options.stream === undefined ? {} : { stream: options.stream }),
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.grep === undefined ? {} : { grep: options.grep }),
  };
}
