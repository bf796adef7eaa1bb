import type { LabelSelector } from '../../../manifests/index.js';
import { isCandidate, isEligible } from './eligibility.js';
import type { PlanAgent, PlanTask } from './types.js';

/** What keeps the plan from giving the task to the agent, in words; none when nothing does. The rules are those of
 * `isEligible` and `isCandidate`: a test holds them against each other. */
export function whyNot(task: PlanTask, agent: PlanAgent): string[] {
  if (isEligible(task, agent) && isCandidate(agent)) return [];
  const reasons: string[] = [];
  if (agent.cluster !== task.cluster) reasons.push(`it belongs to cluster ${agent.cluster}`);
  if (task.pinned !== undefined && !task.pinned.includes(agent.name))
    reasons.push('spec.placement.agents does not name it');
  reasons.push(...labelReasons(agent.labels, task.selector));
  if (!agent.fit) reasons.push("its time-zone data differ from the center's");
  if (agent.presence !== 'present') reasons.push('offline');
  if (agent.draining) reasons.push('draining');
  else if (agent.unschedulable) reasons.push('cordoned');
  return reasons;
}

function labelReasons(labels: Readonly<Record<string, string>>, selector: LabelSelector | undefined): string[] {
  const reasons: string[] = [];
  const differs = (key: string, wanted: string) =>
    reasons.push(labels[key] === undefined ? `label ${key} missing` : `label ${key} is ${labels[key]}, not ${wanted}`);
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {}))
    if (labels[key] !== value) differs(key, value);
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const value = labels[key];
    if (operator === 'Exists' && value === undefined) reasons.push(`label ${key} missing`);
    if (operator === 'DoesNotExist' && value !== undefined) reasons.push(`label ${key} is there`);
    if (operator === 'In' && (value === undefined || !values.includes(value)))
      differs(key, `one of ${values.join(', ')}`);
    if (operator === 'NotIn' && value !== undefined && values.includes(value)) reasons.push(`label ${key} is ${value}`);
  }
  return reasons;
}
