import { asList, asMap, type Fields, forbidden, type Reporter } from './rule-kit.js';
import { invalid, required } from './schema-causes.js';

/** Rules of `spec.placement`: shards and shardItems belong to mode Shards, and say the same number. */
export function placementCauses(given: Fields, report: Reporter): void {
  const { mode, shards, shardItems } = asMap(given.placement);
  const path = ['spec', 'placement'];
  if (mode === 'EveryAgent' && asMap(given.retry).agent === 'Other') {
    report(
      forbidden(
        ['spec', 'retry', 'agent'],
        'may not be Other with placement.mode EveryAgent, whose runs are each of one agent',
      ),
    );
  }
  if (mode !== 'Shards') {
    for (const [field, value] of Object.entries({ shards, shardItems })) {
      if (value !== undefined) report(forbidden([...path, field], 'goes with mode: Shards only'));
    }
    return;
  }
  if (shards === undefined && shardItems === undefined) {
    report(required([...path, 'shards'], 'mode Shards needs shards or shardItems'));
  }
  const items = asList(shardItems).length;
  if (shards !== undefined && shardItems !== undefined && shards !== items) {
    report(
      invalid(
        [...path, 'shards'],
        shards,
        `there are ${items} shardItems; leave one of the two out, or let them agree`,
      ),
    );
  }
}
