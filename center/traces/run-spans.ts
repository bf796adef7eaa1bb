// The trace of a run that has ended, as OTLP/HTTP wants it in JSON:
//
//   billing/nightly-report   from the time point, or the request, to the end
//   ├─ wait                  until the first attempt: the claim, and whatever the run had to wait for
//   ├─ attempt 1 … n         the process; TRACEPARENT of its environment names this span
//   └─ report                until the center had stored the end
import { type Run, spanIdOf, traceIdOf } from '../../manifests/index.js';
import type { Stored } from '../store/index.js';

/** ExportTraceServiceRequest, as far as it is used. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** SPAN_KIND_INTERNAL. */
  readonly kind: 1;
  /** Nanoseconds since the epoch; more than a JSON number holds. */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly status: { readonly code: 0 | 1 | 2; readonly message?: string };
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

const UNSET = 0;
const OK = 1;
const ERROR = 2;
const GOOD = ['Succeeded'];
/** Nobody's fault: it was meant to be so. */
const NEITHER = ['Skipped', 'Cancelled'];

/** `now`: when the center has stored the end, ms. Empty for a run that has not ended. */
export function spansOf(run: Stored<Run>, now: number): OtlpSpan[] {
  const { spec, status, metadata } = run;
  if (status === undefined) return [];
  const { uid } = metadata;
  const { attempts = [] } = status;
  // A backfill of last year did not begin last year.
  const due = spec.trigger === 'Schedule' || spec.trigger === 'CatchUp' ? spec.scheduledTime : undefined;
  const end = timeOf(status.endTime) ?? now;
  const started = timeOf(status.startTime);
  const begin = Math.min(timeOf(due ?? metadata.creationTimestamp) ?? end, started ?? end, end);
  const rootId = spanIdOf(uid, 'run');
  const span = (
    part: number | string,
    name: string,
    [from, to]: readonly [number, number],
    attributes: Readonly<Record<string, string | number | undefined>>,
    outcome: OtlpSpan['status'] = { code: UNSET },
  ): OtlpSpan => ({
    ...{ traceId: traceIdOf(uid), spanId: part === 'run' ? rootId : spanIdOf(uid, part) },
    ...(part === 'run' ? {} : { parentSpanId: rootId }),
    ...{ name, kind: 1, startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(Math.max(from, to)) },
    attributes: attributesOf(attributes),
    status: outcome,
  });
  const root = span(
    'run',
    `${metadata.namespace}/${spec.task}`,
    [begin, end],
    {
      'cloudtask.namespace': metadata.namespace,
      'cloudtask.task': spec.task,
      'cloudtask.task.uid': spec.taskUid,
      'cloudtask.task.revision': spec.revision,
      'cloudtask.run': metadata.name,
      'cloudtask.run.uid': uid,
      'cloudtask.run.slot': spec.slot === '' ? undefined : spec.slot,
      'cloudtask.run.trigger': spec.trigger,
      'cloudtask.run.result': status.state,
      'cloudtask.run.reason': status.reason,
      'cloudtask.run.scheduled_time': spec.scheduledTime,
    },
    outcomeOf(status.state, status.message ?? status.reason),
  );
  const processes = attempts.flatMap((attempt) => {
    const from = timeOf(attempt.startTime);
    if (from === undefined) return [];
    const attributes = {
      'cloudtask.agent': attempt.agent,
      'cloudtask.attempt': attempt.number,
      'process.pid': attempt.pid,
      'process.exit.code': attempt.exitCode,
      'cloudtask.attempt.signal': attempt.signal,
      'cloudtask.attempt.result': attempt.state,
    };
    const outcome = outcomeOf(attempt.state, attempt.message ?? attempt.reason);
    return [
      span(attempt.number, `attempt ${attempt.number}`, [from, timeOf(attempt.endTime) ?? end], attributes, outcome),
    ];
  });
  return [
    root,
    ...(started === undefined ? [] : [span('wait', 'wait', [begin, started], {})]),
    ...processes,
    ...(status.endTime === undefined
      ? []
      : [span('report', 'report', [end, now], { 'cloudtask.agent': status.agent })]),
  ];
}

function outcomeOf(state: string, message: string | undefined): OtlpSpan['status'] {
  if (GOOD.includes(state)) return { code: OK };
  if (NEITHER.includes(state)) return { code: UNSET };
  return { code: ERROR, message: message ?? state };
}

function attributesOf(values: Readonly<Record<string, string | number | undefined>>): OtlpAttribute[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function nanos(ms: number): string {
  return `${Math.round(ms)}000000`;
}
