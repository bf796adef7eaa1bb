/** Every way in which a history can be wrong. Each mutation of the tests names the one that must see it. */
export const CHECKS = [
  /** The same attempt of the same time point started twice. */
  'started-twice',
  /** More processes than time points, whatever they say about themselves. */
  'fired-without-time-point',
  /** A process for a time point that was not due, or while suspended. */
  'unexpected-time-point',
  'started-early',
  /** Two processes of a task that forbids it were alive at once. */
  'overlap',
  /** More attempts than the policy allows. */
  'too-many-attempts',
  /** Due, and neither a process nor a record. */
  'missing',
  /** A process that no record knows. */
  'unrecorded-run',
  'recorded-twice',
  /** A record of a process that nobody saw. */
  'record-without-witness',
  /** State or exit code of a record are not what the process says. */
  'state-contradicts-witness',
  /** The center's log of an attempt is not what the process wrote. */
  'output-differs',
  /** A record that has not come to an end. */
  'still-open',
  /** A process whose claim is not in ZooKeeper's log. */
  'started-without-claim',
  /** A process on an agent that did not own the slot when the time point was claimed. */
  'foreign-agent',
  'cursor-backwards',
  /** A slot was taken from an agent that was registered all the time. */
  'moved-while-present',
  'allocation-write-in-stable-time',
] as const;
export type Check = (typeof CHECKS)[number];

export interface Finding {
  readonly check: Check;
  /** For people: task, time point and what was seen. */
  readonly detail: string;
}

export function nameOf(task: string, point: number): string {
  return `${task}@${new Date(point).toISOString()}`;
}
