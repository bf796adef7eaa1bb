// What a center has said of itself, judged. Pure.
import { formatAge, formatBytes } from '../../../base/index.js';
import type { CoordinationFacts, Diagnosis, StoreFacts } from '../../../manifests/index.js';
import { type Check, checksOf, naming, some } from './check.js';

/** Agents stop claiming when their clocks are that far from the server's (rule R11). */
const CLOCK_MS = 2000;
const DISK_WARN = 0.1;
const DISK_FAIL = 0.02;
const STREAMS_WARN = 0.8;
/** A claim waits as long. */
const WRITE_WARN_MS = 500;
const STORE_WARN_MS = 1000;
const OUTBOX_WARN_MS = 600_000;
/** What ZooKeeper takes in one message unless it is told otherwise (jute.maxbuffer). */
const MESSAGE_MAX_BYTES = 0xf_ffff;
const MESSAGE_WARN = 0.5;

/** What concerns one center alone. `who`: its address. */
export function judgeCenter(who: string, { center }: Diagnosis): Check[] {
  const { ok, warn } = checksOf('Center');
  const { disk, openStreams, openStreamsMax } = center;
  const named = center.id === undefined ? who : `${center.id} (${who})`;
  const checks = [
    ok(
      `${who} process`,
      `${named} is ${center.version} on Node ${center.node}, up for ${formatAge(center.uptimeSeconds * 1000)}, ${formatBytes(center.residentBytes)} of memory${center.leads ? ', leads' : ''}`,
    ),
  ];
  if (openStreams > openStreamsMax * STREAMS_WARN) {
    const todo = 'spread clients over more centers, or end watches that nobody reads';
    checks.push(warn(`${who} watches`, `${openStreams} of ${openStreamsMax} open answers are in use`, todo));
  } else checks.push(ok(`${who} watches`, `${openStreams} of ${openStreamsMax} open answers are in use`));
  if (disk !== undefined) {
    checks.push(judgeDisk('Center', `${who} disk`, disk, `files of the store are ${formatBytes(disk.storeBytes)}`));
  }
  return checks;
}

/** Of a disk that has a store. `rest`: what is said besides. */
export function judgeDisk(
  group: string,
  name: string,
  { freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number },
  rest: string,
): Check {
  const { ok, warn, fail } = checksOf(group);
  const message = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free; ${rest}`;
  const free = freeBytes / totalBytes;
  if (free >= DISK_WARN) return ok(name, message);
  const todo = 'make room, or keep less: spec.history of tasks (runs, age, bytes), --audit-retention';
  return (free < DISK_FAIL ? fail : warn)(name, message, todo);
}

export function judgeStore({ store }: Diagnosis, now: number): Check[] {
  const { ok, warn } = checksOf('Store');
  const { engine, answerMs, bytes, runs, openRuns, events, auditEntries, objects } = store;
  const checks = [
    answerMs > STORE_WARN_MS
      ? warn('answer', `${engine} took ${answerMs} ms to answer`, 'look at its disk, and at what else the machine does')
      : ok('answer', `${engine} answered in ${answerMs} ms`),
    ok(
      'size',
      `${formatBytes(bytes)}: ${some(objects.Task ?? 0, 'task')}, ${some(runs, 'run')} (${openRuns} open), ${some(events, 'event')}, ${some(auditEntries, 'audit entry', 'audit entries')}`,
    ),
    judgeOutbox(store, now),
  ];
  const ended = store.agentCertificates.filter(({ expirationTime }) => Date.parse(expirationTime) <= now);
  if (ended.length > 0) {
    const todo = 'start them within the life of a certificate; else "ctask delete agent" and join anew';
    checks.push(warn('agent certificates', `ended: ${naming(ended.map(({ agent }) => agent))}`, todo));
  } else if (store.agentCertificates.length > 0) {
    const soonest = store.agentCertificates.map(({ expirationTime }) => expirationTime).sort()[0]!;
    const message = `${some(store.agentCertificates.length, 'agent')} have one, the first ends ${soonest}; agents renew theirs`;
    checks.push(ok('agent certificates', message));
  }
  return checks;
}

function judgeOutbox({ outbox }: StoreFacts, now: number): Check {
  const { ok, warn } = checksOf('Store');
  const { pending, retried, failed, oldestTime } = outbox;
  const words = `${some(pending, 'notification')} waiting, ${retried} of them tried already, ${failed} given up in the last seven days`;
  const age = oldestTime === undefined ? 0 : now - Date.parse(oldestTime);
  const todo = '"ctask get notifiers -A -o yaml" says why (status.lastError); "ctask notifier test" tries one';
  if (retried > 0 && age > OUTBOX_WARN_MS) return warn('outbox', `${words}; the oldest for ${formatAge(age)}`, todo);
  return failed > 0 ? warn('outbox', words, todo) : ok('outbox', words);
}

export function judgeCoordination(coordination: CoordinationFacts): Check[] {
  const { ok, fail, unknown } = checksOf('Coordination');
  const { state, servers, root, error } = coordination;
  const where = `${servers}, root ${root}`;
  if (state !== 'connected') {
    const todo = 'start the ensemble, or look at --zookeeper of the center; nothing new is started until then';
    return [fail('session', `the center is ${state} (${where})`, todo)];
  }
  const checks = [ok('session', `the center is connected to ${where}, time-out ${coordination.sessionTimeoutMs} ms`)];
  if (error !== undefined) return [...checks, unknown('look', `it could not be looked at: ${error}`, 'try again')];
  return [...checks, ...judgeNodes(coordination)];
}

/** What stands in coordination, whoever has looked. */
export function judgeNodes(coordination: Omit<CoordinationFacts, 'state' | 'servers' | 'sessionTimeoutMs'>): Check[] {
  const { ok, warn, fail } = checksOf('Coordination');
  const { root, candidates, guard, checkpoint, writeMs, nodes } = coordination;
  const checks: Check[] = [];
  const [leader, ...others] = candidates ?? [];
  const standing = others.length === 0 ? 'no other center stands by' : `${naming(others)} stand by`;
  checks.push(
    leader === undefined
      ? fail('leader', 'no center leads: nothing is allocated', 'see the log of the centers for why none is elected')
      : ok('leader', `${leader} leads; ${standing}`),
  );
  if (guard === 'raising') {
    const todo = 'bring agents that are away back; "ctask delete agent" says that one is gone for good';
    checks.push(fail('restore guard', 'it was restored, and nothing is started until all agents have answered', todo));
  } else checks.push(ok('restore guard', guard === undefined ? 'nothing was ever restored' : 'open'));
  if (checkpoint !== undefined && Math.abs(checkpoint.coordination - checkpoint.store) > 1) {
    const words = `coordination is at ${checkpoint.coordination}, the store at ${checkpoint.store}: one of them was restored`;
    checks.push(fail('checkpoint', words, 'wait for the leader to settle it; "ctask events" says what came of it'));
  }
  if (writeMs !== undefined) {
    const todo = 'give its transaction log a disk of its own; raise --session-timeout before it expires sessions';
    const words = `a write took ${writeMs} ms`;
    checks.push(writeMs > WRITE_WARN_MS ? warn('write', words, todo) : ok('write', words));
  }
  if (nodes === undefined) return checks;
  checks.push(ok('nodes', `${nodes.count} nodes, ${nodes.records} of them trigger records`));
  for (const [name, bytes, path] of [
    ['largest node', nodes.largestBytes, nodes.largestPath],
    ['largest list of nodes', nodes.largestChildrenBytes, nodes.largestChildrenPath],
  ] as const) {
    const words = `${path || root} with ${formatBytes(bytes)}, of ${formatBytes(MESSAGE_MAX_BYTES)} by default`;
    const todo = 'raise jute.maxbuffer of the ensemble before it is reached';
    checks.push(bytes > MESSAGE_MAX_BYTES * MESSAGE_WARN ? warn(name, words, todo) : ok(name, words));
  }
  return checks;
}

/** `askedAt`: by the clock of the center, ms. */
export function judgeClocks({ coordination, store }: Diagnosis, askedAt: number): Check[] {
  const { ok, warn, fail } = checksOf('Clocks');
  const checks: Check[] = [];
  const { time, centerTime } = coordination ?? {};
  const todo = 'run an NTP client (chrony, systemd-timesyncd) on all machines';
  if (time !== undefined && centerTime !== undefined) {
    const apart = Date.parse(centerTime) - Date.parse(time);
    const words = apartWords('the center', apart, 'coordination');
    checks.push(Math.abs(apart) > CLOCK_MS ? fail('coordination', words, todo) : ok('coordination', words));
  }
  if (store.time !== undefined) {
    const apart = askedAt - Date.parse(store.time);
    const words = apartWords('the center', apart, 'the database server');
    checks.push(Math.abs(apart) > CLOCK_MS + store.answerMs ? warn('store', words, todo) : ok('store', words));
  }
  return checks;
}

export function apartWords(one: string, ms: number, other: string): string {
  if (Math.abs(ms) < 1000) return `${one} and ${other} agree to the second`;
  return `${one} is ${formatAge(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} ${other}`;
}

export function judgeDrift({ drift, coordination }: Diagnosis): Check[] {
  const { ok, warn, fail, unknown } = checksOf('Drift');
  if (drift === undefined) return [unknown('slots', 'without coordination nobody can tell what is allocated')];
  const { slots, owners, lists, ownerless, broken } = drift;
  const inSlot = ({ task, slot }: { task: string; slot: string }) => (slot === '' ? task : `${task} slot ${slot}`);
  const checks: Check[] = [];
  // A new leader would wait for the restore guard as well.
  const sweep =
    coordination?.guard === 'raising'
      ? 'nothing is moved while the restore guard is shut; the leader compares them once it is open'
      : 'the leader compares them every ten minutes, and a new leader at once: restart the center that leads';
  if (owners.count > 0) {
    const first = owners.first.map((each) => `${inSlot(each)} (status ${each.status}, record ${each.record})`);
    checks.push(warn('owners', `status and trigger record differ: ${naming(first, owners.count)}`, sweep));
  }
  if (lists.count > 0) {
    const first = lists.first.map((each) => `${inSlot(each)} (${each.what.toLowerCase()} at ${each.agent})`);
    checks.push(warn('lists', `records and lists of agents differ: ${naming(first, lists.count)}`, sweep));
  }
  if (ownerless.count > 0) {
    const first = ownerless.first.map((each) => `${inSlot(each)} (${each.owner})`);
    const todo = 'bring the agents back, or let the tasks move: "ctask why task/NAME" says why one does not';
    checks.push(warn('absent owners', `their agent is not registered: ${naming(first, ownerless.count)}`, todo));
  }
  if (drift.unknown.count > 0) {
    const uids = drift.unknown.first.map(({ taskUid }) => taskUid);
    const todo = 'most often the store was restored: apply these tasks again; they are kept, and fire nothing';
    checks.push(
      warn(
        'unknown tasks',
        `records of tasks that the store does not know: ${naming(uids, drift.unknown.count)}`,
        todo,
      ),
    );
  }
  if (broken.count > 0) {
    const paths = broken.first.map(({ path }) => path);
    const todo = 'somebody has written them by hand: nothing of these tasks fires. Delete the task and make it anew';
    checks.push(fail('broken records', `they cannot be read: ${naming(paths, broken.count)}`, todo));
  }
  if (checks.length === 0) checks.push(ok('slots', `${some(slots, 'slot')}: status, records and lists agree`));
  return checks;
}

export function judgeTasks({ unallocated }: Diagnosis): Check {
  const { ok, warn } = checksOf('Tasks');
  if (unallocated.count === 0) return ok('agents', 'every task that is to fire has an agent');
  const first = unallocated.first.map(({ namespace, name }) => `${namespace}/${name}`);
  const message = `no agent, or not for all of it: ${naming(first, unallocated.count)}`;
  return warn('agents', message, '"ctask why TASK -n NAMESPACE" says for each agent why it may not have the task');
}
