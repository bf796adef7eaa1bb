// What somebody should look at now.
import { agentReady, isSuspended } from '../../../manifests/index.js';
import type { AgentObject, NotifierObject, TaskObject } from '../api/objects.js';

export interface Trouble {
  /** Of a task, an agent or a notifier. */
  readonly name: string;
  /** `failed`, `is not ready`: goes on from the name. */
  readonly words: string;
  /** Page that tells more. */
  readonly path: string;
  /** Since when, ISO 8601; undefined where nobody knows. */
  readonly since: string | undefined;
}

/** What became of a run, after its name. */
export const WORDS: Readonly<Record<string, string>> = {
  Failed: 'failed',
  TimedOut: 'took too long',
  Missed: 'was not started',
  Lost: 'has an unknown end',
};

/** Agents first, since tasks fail with them; then what should tell people and cannot; then tasks, the latest first. */
export function troublesOf(
  tasks: readonly TaskObject[],
  agents: readonly AgentObject[],
  notifiers: readonly NotifierObject[] = [],
): readonly Trouble[] {
  const ofTasks = tasks.map(troubleOfTask).filter((trouble) => trouble !== undefined);
  ofTasks.sort((a, b) => ((a.since ?? '') > (b.since ?? '') ? -1 : 1));
  const dumb = notifiers.filter(({ status }) => status?.lastError !== undefined);
  return [
    ...agents.filter((agent) => !agentReady(agent)).map(troubleOfAgent),
    ...dumb.map(troubleOfNotifier),
    ...ofTasks,
  ];
}

function troubleOfAgent({ metadata: { name }, status }: AgentObject): Trouble {
  return { name, words: 'is not ready', path: `/agents/${name}`, since: status?.heartbeatTime };
}

function troubleOfNotifier({ metadata: { name, namespace }, status }: NotifierObject): Trouble {
  const path = `/notifiers/${namespace}/${name}`;
  return { name, words: 'cannot send', path, since: status?.lastErrorTime };
}

/** A task that is suspended is meant not to run: its last failure waits with it. */
function troubleOfTask({ metadata, spec, status }: TaskObject): Trouble | undefined {
  if (isSuspended(spec, Date.now())) return undefined;
  const path = `/tasks/${metadata.namespace}/${metadata.name}`;
  const found = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted);
  const ready = found('Ready');
  if (ready?.status === 'False' && ready.reason !== 'Applying') {
    return { name: metadata.name, words: 'cannot run', path, since: ready.lastTransitionTime };
  }
  if (found('Degraded')?.status !== 'True' || status?.lastRun === undefined) return undefined;
  const { state, time } = status.lastRun;
  return { name: metadata.name, words: WORDS[state] ?? state, path, since: time };
}
