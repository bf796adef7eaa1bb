import { circleMessage } from '../dependencies.js';
import { asList, asMap, duplicate, type Fields, forbidden, type Reporter } from './rule-kit.js';
import { cause } from './schema-causes.js';

/** Rules of `spec.after`: each task once, and never the task itself. */
export function afterCauses(given: unknown, name: unknown, report: Reporter): void {
  const { tasks, match, within }: Fields = asMap(given);
  const path = ['spec', 'after'];
  if (match === 'Any' && within !== undefined) {
    report(forbidden([...path, 'within'], 'goes with match: All only'));
  }
  const seen = new Set<string>();
  asList(tasks).forEach((entry, index) => {
    const upstream = asMap(entry).name;
    if (typeof upstream !== 'string') return;
    const at = [...path, 'tasks', index, 'name'];
    if (seen.has(upstream)) report(duplicate(at, upstream));
    seen.add(upstream);
    if (upstream === name) report(cause('FieldValueInvalid', at, circleMessage([upstream, upstream])));
  });
}
