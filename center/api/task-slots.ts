// Which slots a task has, as far as the API knows: what its specification declares, or who the leader says has them.
import { CloudTaskError } from '../../base/index.js';
import { declaredSlots, type Task } from '../../manifests/index.js';
import type { Stored } from '../store/index.js';

/** Names told in a message. */
const NAMED_MAX = 10;

/** In order. Those of an EveryAgent task are the agents that have it by now. */
export function slotsOfTask({ spec, status }: Stored<Task>): readonly string[] {
  return declaredSlots(spec) ?? (status?.allocations ?? []).map(({ slot }) => slot).filter((slot) => slot !== '');
}

/** Throws CT_CONFLICT for a slot that the task does not have. */
export function requireSlot(task: Stored<Task>, slot: string): string {
  if (slotsOfTask(task).includes(slot)) return slot;
  const { namespace, name } = task.metadata;
  throw new CloudTaskError('CT_CONFLICT', {
    subject: `Task ${namespace}/${name}`,
    detail: `has no slot "${slot}"; ${slotWords(task)}`,
  });
}

export function slotWords(task: Stored<Task>): string {
  const slots = slotsOfTask(task);
  if (slots.length === 0) return 'no agent has it now';
  if (slots.length === 1 && slots[0] === '') return 'its placement.mode is Single: it has one slot without a name';
  const more = slots.length > NAMED_MAX ? ` and ${slots.length - NAMED_MAX} more` : '';
  return `it has ${slots.slice(0, NAMED_MAX).join(', ')}${more}`;
}
