// Parts that every description has.
import { formatAge } from '../../../base/index.js';
import type { Condition, Event, LabelSelector } from '../../../manifests/index.js';
import type { Description } from '../../output/description.js';
import { zonedTime } from '../../output/times.js';
import type { ApiObject } from '../../resources/api-object.js';

export function addHead(description: Description, object: ApiObject, now: number): void {
  const { metadata, apiVersion, kind } = object;
  description.field('Name', metadata.name);
  if (metadata.namespace !== undefined) description.field('Namespace', metadata.namespace);
  description.map('Labels', metadata.labels).map('Annotations', metadata.annotations, ': ');
  description.field('API Version', apiVersion).field('Kind', kind);
  if (metadata.creationTimestamp !== undefined)
    description.field('Created', timeAndAge(metadata.creationTimestamp, now));
  if (metadata.generation !== undefined) {
    const observed = (object.status as { observedGeneration?: number } | undefined)?.observedGeneration;
    description.field('Generation', `${metadata.generation}${observed === undefined ? '' : ` (observed ${observed})`}`);
  }
}

export function addConditions(description: Description, object: ApiObject, now: number): void {
  const conditions = (object.status as { conditions?: Condition[] } | undefined)?.conditions;
  if (conditions === undefined && object.kind !== 'Task') return;
  description.table(
    'Conditions',
    ['Type', 'Status', 'Reason', 'Age', 'Message'],
    (conditions ?? []).map((one) => [one.type, one.status, one.reason, ago(one.lastTransitionTime, now), one.message]),
  );
}

export function addEvents(description: Description, events: readonly Event[], now: number): void {
  const sorted = [...events].sort((a, b) => Date.parse(a.spec.lastTime) - Date.parse(b.spec.lastTime));
  description.table(
    'Events',
    ['Type', 'Reason', 'Age', 'From', 'Message'],
    sorted.map(({ spec }) => [spec.type, spec.reason, eventAge(spec, now), spec.source, spec.message]),
    true,
  );
}

/** `5m (x3 over 2h)` for what happened more than once. */
function eventAge({ count, firstTime, lastTime }: Event['spec'], now: number): string {
  return count === 1 ? ago(lastTime, now) : `${ago(lastTime, now)} (x${count} over ${ago(firstTime, now)})`;
}

export function ago(time: string | undefined, now: number): string {
  return time === undefined ? '<unknown>' : formatAge(Math.max(0, now - Date.parse(time)));
}

/** `Thu, 22 Oct 2026 09:12:44 +0000 (31d ago)`. */
export function timeAndAge(time: string, now: number, timeZone = 'UTC'): string {
  const at = Date.parse(time);
  const distance = at > now ? `in ${formatAge(at - now)}` : `${formatAge(now - at)} ago`;
  return `${zonedTime(at, timeZone)} (${distance})`;
}

/** What a selector asks for, one word each: `disk=ssd`, `zone In (a, b)`. */
export function selectorWords({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(
      ({ key, operator, values }) => `${key} ${operator}${values === undefined ? '' : ` (${values.join(', ')})`}`,
    ),
  ];
}
