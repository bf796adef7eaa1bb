import t from 'tap';
import { API_VERSION } from './kinds/metadata.js';
import { declaredSlots, shardEnvironment, shardsOf } from './placement.js';
import { validateObject } from './validate/validate-object.js';

const task = (placement: object) => ({
  apiVersion: API_VERSION,
  kind: 'Task',
  metadata: { name: 'a' },
  spec: { run: { command: ['a'] }, placement },
});
const said = (placement: object) =>
  validateObject(task(placement)).causes.map(({ field, message }) => [field, message]);

t.test('slots and what their processes see', async (t) => {
  t.same([declaredSlots({}), declaredSlots({ placement: { mode: 'EveryAgent' } })], [[''], undefined]);
  const items = { placement: { mode: 'Shards' as const, shardItems: ['eu', 'us'] } };
  t.same([shardsOf(items), declaredSlots(items)], [2, ['0', '1']]);
  t.same(shardEnvironment(items, '1'), { CTASK_SHARD: '1', CTASK_SHARDS: '2', CTASK_SHARD_ITEM: 'us' });
  const count = { placement: { mode: 'Shards' as const, shards: 3 } };
  t.same(shardEnvironment(count, '0'), { CTASK_SHARD: '0', CTASK_SHARDS: '3' });
  t.same(shardEnvironment({ placement: { mode: 'EveryAgent' } }, 'a1'), {});
});

t.test('rules of placement', async (t) => {
  t.same(said({ mode: 'EveryAgent' }), []);
  t.same(said({ mode: 'Shards', shards: 2, shardItems: ['a', 'b'] }), []);
  t.match(said({ mode: 'Shards' }), [['spec.placement.shards', /needs shards or shardItems/]]);
  t.match(said({ shards: 2 }), [['spec.placement.shards', /mode: Shards only/]]);
  t.match(said({ mode: 'EveryAgent', shardItems: ['a'] }), [['spec.placement.shardItems', /mode: Shards only/]]);
  t.match(said({ mode: 'Shards', shards: 3, shardItems: ['a'] }), [['spec.placement.shards', /1 shardItems/]]);
  t.match(said({ mode: 'Shards', shards: 0 }), [['spec.placement.shards', /./]]);
  t.match(said({ mode: 'Shards', shards: 1025 }), [['spec.placement.shards', /./]]);
  t.match(said({ mode: 'All' }), [['spec.placement.mode', /./]]);
});
