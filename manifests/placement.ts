// Slots of a task by its declaration (`spec.placement.mode`), and what the process of a slot is told of it.
import type { TaskSpec } from './kinds/task.js';

/** How many shards a task with mode Shards has. */
export function shardsOf({ placement }: Pick<TaskSpec, 'placement'>): number {
  return placement?.shards ?? placement?.shardItems?.length ?? 1;
}

/** The slots, in order; undefined for EveryAgent: one per agent that may run the task. */
export function declaredSlots(spec: Pick<TaskSpec, 'placement'>): readonly string[] | undefined {
  switch (spec.placement?.mode) {
    case 'EveryAgent':
      return undefined;
    case 'Shards':
      return Array.from({ length: shardsOf(spec) }, (_, index) => String(index));
    default:
      return [''];
  }
}

/** Of other tasks' processes these are never there: nobody may forge them. */
export const SHARD_VARIABLES = ['CTASK_SHARD', 'CTASK_SHARDS', 'CTASK_SHARD_ITEM'] as const;

/** What a process of a shard is told besides CTASK_SLOT. */
export function shardEnvironment(spec: Pick<TaskSpec, 'placement'>, slot: string): Readonly<Record<string, string>> {
  if (spec.placement?.mode !== 'Shards') return {};
  const item = spec.placement.shardItems?.[Number(slot)];
  return {
    CTASK_SHARD: slot,
    CTASK_SHARDS: String(shardsOf(spec)),
    ...(item === undefined ? {} : { CTASK_SHARD_ITEM: item }),
  };
}
