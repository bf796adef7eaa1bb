// Rules between fields, which a schema cannot say. They run beside the schema on a value of any shape: a field that the
// schema has already refused (`refused`) is left alone.
import { type ErrorCause, parseBytes } from '../../base/index.js';
import { TASK_NAME_MAX } from '../kinds/metadata.js';
import type { KindName } from '../kinds/registry.js';
import { LOG_MAX_BYTES_MIN } from '../kinds/task-logs.js';
import { roleCauses } from './access-rules.js';
import { afterCauses } from './after-rules.js';
import type { FieldPath } from './field-path.js';
import { labelCauses, selectorCauses } from './label-rules.js';
import { notifierCauses } from './notifier-rules.js';
import { notifyCauses } from './notify-rules.js';
import { parameterCauses } from './parameter-rules.js';
import { placementCauses } from './placement-rules.js';
import { asList, asMap, duplicate, type Fields, forbidden, type Reporter } from './rule-kit.js';
import { scheduleCauses } from './schedule-rules.js';
import { invalid, required } from './schema-causes.js';
import { secretCauses } from './secret-rules.js';

/** Kinds with spec.notify. */
const NOTIFYING: ReadonlySet<KindName> = new Set(['Task', 'Namespace', 'Cluster']);

/** Causes about fields, besides those the schema has refused already. */
export function semanticCauses(kind: KindName, value: Fields, refused: ReadonlySet<string | undefined>): ErrorCause[] {
  const causes: ErrorCause[] = [];
  const report = (found: ErrorCause): void => {
    if (!refused.has(found.field)) causes.push(found);
  };
  const metadata = asMap(value.metadata);
  labelCauses(['metadata', 'labels'], metadata.labels, report);
  if (kind === 'Calendar') calendarCauses(asMap(value.spec), report);
  if (kind === 'Secret') secretCauses(asMap(value.spec), report);
  if (kind === 'Notifier') notifierCauses(asMap(value.spec), report);
  if (NOTIFYING.has(kind)) notifyCauses(asMap(value.spec), 'notify', report);
  if (kind === 'Cluster') notifyCauses(asMap(value.spec), 'notifyRuns', report);
  if (kind === 'Role') roleCauses(asMap(value.spec), report);
  if (kind !== 'Task') return causes;
  if (typeof metadata.name === 'string' && metadata.name.length > TASK_NAME_MAX) {
    report(
      invalid(['metadata', 'name'], metadata.name, `a task's name may not have more than ${TASK_NAME_MAX} characters`),
    );
  }
  const spec = asMap(value.spec);
  scheduleCauses(spec, report);
  afterCauses(spec.after, metadata.name, report);
  if (spec.run !== undefined) runCauses(asMap(spec.run), report);
  logCauses(asMap(spec.logs), report);
  const { cpu } = asMap(asMap(spec.resources).limits);
  if (typeof cpu === 'string' && Number.parseFloat(cpu) === 0) {
    report(invalid(['spec', 'resources', 'limits', 'cpu'], cpu, 'must be more than nothing'));
  }
  if (spec.maxRuns !== undefined && spec.partitionPolicy === 'Continue') {
    report(
      forbidden(
        ['spec', 'maxRuns'],
        'may not be given together with partitionPolicy Continue, whose starts no record counts',
      ),
    );
  }
  const policy = spec.concurrencyPolicy ?? 'Forbid';
  if (spec.maxConcurrentRuns !== undefined && policy !== 'Allow' && policy !== 'Queue') {
    report(forbidden(['spec', 'maxConcurrentRuns'], 'goes with concurrencyPolicy Allow and Queue only'));
  }
  parameterCauses(spec, report);
  placementCauses(spec, report);
  selectorCauses(['spec', 'placement', 'selector'], asMap(spec.placement).selector, report);
  return causes;
}

function calendarCauses({ dates, weekdays }: Fields, report: Reporter): void {
  if (dates === undefined && weekdays === undefined) {
    report(required(['spec'], 'one of dates and weekdays must be given'));
  }
}

function logCauses({ maxBytes }: Fields, report: Reporter): void {
  if (typeof maxBytes !== 'string') return;
  const bytes = parseBytes(maxBytes);
  if (bytes !== undefined && bytes < LOG_MAX_BYTES_MIN) {
    report(invalid(['spec', 'logs', 'maxBytes'], maxBytes, 'must be at least 64Ki'));
  }
}

function runCauses(run: Fields, report: Reporter): void {
  const path: FieldPath = ['spec', 'run'];
  if (run.command === undefined && run.script === undefined) {
    report(required(path, 'one of command and script must be given'));
  } else if (run.command !== undefined && run.script !== undefined) {
    report(forbidden([...path, 'script'], 'may not be given together with command'));
  }
  if (run.interpreter !== undefined && run.script === undefined) {
    report(forbidden([...path, 'interpreter'], 'goes with script only'));
  }
  if (run.group !== undefined && run.user === undefined) {
    report(required([...path, 'user'], 'must be given together with group'));
  }
  const seen = new Set<string>();
  asList(run.env).forEach((entry, index) => {
    const { name, value, valueFrom } = asMap(entry);
    if (value === undefined && valueFrom === undefined) {
      report(required([...path, 'env', index], 'one of value and valueFrom must be given'));
    } else if (value !== undefined && valueFrom !== undefined) {
      report(forbidden([...path, 'env', index, 'valueFrom'], 'may not be given together with value'));
    }
    if (typeof name !== 'string') return;
    const at: FieldPath = [...path, 'env', index, 'name'];
    if (/^CTASK_/i.test(name)) report(invalid(at, name, 'names that begin with CTASK_ are reserved'));
    if (seen.has(name)) report(duplicate(at, name));
    seen.add(name);
  });
}
