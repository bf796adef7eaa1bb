import type { LabelSelector } from '../../../manifests/index.js';
import type { PlanAgent, PlanTask } from './types.js';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/** True when the labels satisfy every part of the selector. No selector matches everything. */
export function matchesSelector(
  labels: Readonly<Record<string, string>>,
  selector: LabelSelector | undefined,
): boolean {
  if (selector === undefined) return true;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector.matchExpressions ?? []).every((requirement) => matchesRequirement(labels, requirement));
}

function matchesRequirement(labels: Readonly<Record<string, string>>, requirement: Requirement): boolean {
  const value = labels[requirement.key];
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn': // as in Kubernetes, an absent label is not in the set
      return value === undefined || !values.includes(value);
  }
}

/** May this agent own the task's slots, cordoned or not? */
export function isEligible(task: PlanTask, agent: PlanAgent): boolean {
  return (
    agent.fit &&
    agent.cluster === task.cluster &&
    (task.pinned === undefined || task.pinned.includes(agent.name)) &&
    matchesSelector(agent.labels, task.selector)
  );
}

/** May it be given slots that it is eligible for? */
export function isCandidate(agent: PlanAgent): boolean {
  return agent.presence === 'present' && !agent.unschedulable && !agent.draining;
}

/** Tasks with the same constraints share one candidate set; this text says which. */
export function constraintsOf(task: PlanTask): string {
  if (task.selector === undefined && task.pinned === undefined) return task.cluster;
  return JSON.stringify([task.cluster, task.selector ?? null, task.pinned ?? null]);
}
