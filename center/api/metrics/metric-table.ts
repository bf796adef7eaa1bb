// All metrics: the one source of their names, help, labels and buckets. docs/metrics.md is made of it, and promtool reads the result.
//
// `of` says what a row speaks of, and with that how series of several centers go together:
//   center  the center that is asked, itself
//   leader  what only the leader does; the others have 0
//   all     the whole installation, told by one center only: by the leader, or by the only one there can be (SQLite). So sum() is right
//   agent   an agent, by the center that its last heartbeat has reached
//   task    a task that asks for it, told like `all`

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly of: 'center' | 'leader' | 'all' | 'agent' | 'task';
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds, in seconds. */
  readonly buckets?: readonly number[];
}

const LATENESS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const LATENCY = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const DURATION = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];
const AGENT = ['agent', 'cluster'] as const;
const TASK = ['namespace', 'task'] as const;

export const metricTable = {
  // --- runs ---
  cloudtask_run_start_lateness_seconds: {
    ...{ type: 'histogram', of: 'all', buckets: LATENESS },
    help: 'Time between the time point of a scheduled run and the start of its first attempt, unless it waited for another run of its task.',
  },
  cloudtask_runs_started_total: {
    ...{ type: 'counter', of: 'all', labels: ['trigger'] },
    help: 'Runs whose first attempt has started.',
  },
  cloudtask_runs_finished_total: {
    ...{ type: 'counter', of: 'all', labels: ['result', 'trigger'] },
    help: 'Runs that have ended, Skipped and Missed ones included.',
  },
  cloudtask_run_duration_seconds: {
    ...{ type: 'histogram', of: 'all', labels: ['result'], buckets: DURATION },
    help: 'Time between the start of the first attempt of a run and its end.',
  },
  cloudtask_runs_open: {
    ...{ type: 'gauge', of: 'all', labels: ['state'] },
    help: 'Runs that have not ended, by state: Running are at work, Queued and Pending wait.',
  },
  // --- tasks ---
  cloudtask_tasks: { type: 'gauge', of: 'all', labels: ['state'], help: 'Tasks by state.' },
  cloudtask_tasks_overdue: {
    ...{ type: 'gauge', of: 'all' },
    help: 'Tasks of which nothing is heard although a time point was due more than a minute ago.',
  },
  cloudtask_task_runs_finished_total: {
    ...{ type: 'counter', of: 'task', labels: [...TASK, 'result'] },
    help: 'Runs of the task that have ended.',
  },
  cloudtask_task_last_success_timestamp_seconds: {
    ...{ type: 'gauge', of: 'task', labels: TASK },
    help: 'When the task succeeded last, since this center counts.',
  },
  cloudtask_task_last_run_duration_seconds: {
    ...{ type: 'gauge', of: 'task', labels: TASK },
    help: 'How long the last run of the task took.',
  },
  cloudtask_task_metrics_left_out: {
    ...{ type: 'gauge', of: 'task' },
    help: 'Tasks that ask for metrics of their own and have none, because too many ask.',
  },
  // --- agents ---
  cloudtask_agents: {
    ...{ type: 'gauge', of: 'all', labels: ['cluster', 'state'] },
    help: 'Agents by cluster and state; those that get no more tasks are Cordoned.',
  },
  cloudtask_agent_ready: {
    ...{ type: 'gauge', of: 'all', labels: AGENT },
    help: '1 while the agent is Ready, 0 while it is not.',
  },
  cloudtask_agent_running_runs: {
    ...{ type: 'gauge', of: 'agent', labels: AGENT },
    help: 'Runs that are running on the agent.',
  },
  cloudtask_agent_tasks: { type: 'gauge', of: 'agent', labels: AGENT, help: 'Slots of tasks that the agent owns.' },
  cloudtask_agent_spool_bytes: {
    ...{ type: 'gauge', of: 'agent', labels: AGENT },
    help: 'Output of runs that waits on the agent for the center.',
  },
  cloudtask_agent_pending_reports: {
    ...{ type: 'gauge', of: 'agent', labels: AGENT },
    help: 'Reports of runs that the center has not acknowledged.',
  },
  cloudtask_agent_claims_total: {
    ...{ type: 'counter', of: 'agent', labels: [...AGENT, 'outcome'] },
    help: 'Claims of attempts: won, lost because the record had been changed by somebody else, failed because the journal took nothing.',
  },
  cloudtask_agent_zookeeper_requests_total: {
    ...{ type: 'counter', of: 'agent', labels: AGENT },
    help: 'Requests of the agent that ZooKeeper has answered.',
  },
  cloudtask_agent_zookeeper_request_seconds_total: {
    ...{ type: 'counter', of: 'agent', labels: AGENT },
    help: 'Time that those answers took.',
  },
  cloudtask_agent_zookeeper_connections_lost_total: {
    ...{ type: 'counter', of: 'agent', labels: AGENT },
    help: 'Connections to ZooKeeper that the agent has lost; it reconnects by itself.',
  },
  cloudtask_agent_zookeeper_sessions_lost_total: {
    ...{ type: 'counter', of: 'agent', labels: AGENT },
    help: 'Sessions of the agent that ZooKeeper has given up: its tasks moved, or nearly did.',
  },
  // --- allocation and the other work of the leader ---
  cloudtask_allocation_moves_total: {
    ...{ type: 'counter', of: 'leader', labels: ['reason'] },
    help: 'Slots that went from one agent to another, by reason.',
  },
  cloudtask_allocation_writes_total: {
    ...{ type: 'counter', of: 'leader' },
    help: 'Trigger records and lists that the allocation wrote to ZooKeeper; stands still while nothing changes.',
  },
  cloudtask_allocation_unallocated_slots: {
    ...{ type: 'gauge', of: 'leader' },
    help: 'Slots of tasks for which there is no eligible agent.',
  },
  cloudtask_audit_findings_total: {
    ...{ type: 'counter', of: 'leader' },
    help: 'Time points without a record that the audit has found, and recorded as Lost or Missed.',
  },
  cloudtask_workqueue_depth: {
    ...{ type: 'gauge', of: 'leader', labels: ['queue'] },
    help: 'Keys that wait to be worked on by a controller.',
  },
  cloudtask_workqueue_reconciles_total: {
    ...{ type: 'counter', of: 'leader', labels: ['queue', 'outcome'] },
    help: 'Keys that a controller has worked on in this term.',
  },
  // --- notifications ---
  cloudtask_notifications: {
    ...{ type: 'gauge', of: 'all', labels: ['namespace', 'notifier', 'state'] },
    help: 'Notifications in the outbox, by notifier: Pending ones wait, Sent and Failed ones are kept for seven days.',
  },
  cloudtask_notifications_oldest_pending_timestamp_seconds: {
    ...{ type: 'gauge', of: 'all', labels: ['namespace', 'notifier'] },
    help: 'When the oldest notification was written that still waits; absent while none does.',
  },
  // --- the center itself ---
  cloudtask_build_info: {
    ...{ type: 'gauge', of: 'center', labels: ['version', 'node'] },
    help: '1, with the versions of the center and of Node.',
  },
  cloudtask_self_watch_nothing_fires: {
    type: 'gauge',
    of: 'center',
    help: '1 while time points are due and no run is recorded, as this center sees it by itself.',
  },
  cloudtask_leader: { type: 'gauge', of: 'center', help: '1 while this center leads.' },
  cloudtask_elections_total: { type: 'counter', of: 'center', help: 'How often this center was elected.' },
  cloudtask_api_requests_total: {
    ...{ type: 'counter', of: 'center', labels: ['method', 'code'] },
    help: 'Answers of the API.',
  },
  cloudtask_watch_clients: { type: 'gauge', of: 'center', help: 'Open watches.' },
  cloudtask_log_followers: { type: 'gauge', of: 'center', help: 'Open followers of logs.' },
  cloudtask_agent_streams: { type: 'gauge', of: 'center', help: 'Agents that listen for requests.' },
  cloudtask_log_bytes_total: { type: 'counter', of: 'center', help: 'Log bytes received from agents.' },
  cloudtask_store_request_duration_seconds: {
    ...{ type: 'histogram', of: 'center', labels: ['database'], buckets: LATENCY },
    help: 'Time until a database answered, the wait for its thread included; writes are committed then.',
  },
  cloudtask_store_failures_total: {
    ...{ type: 'counter', of: 'center', labels: ['database'] },
    help: 'Requests that a database could not carry out.',
  },
  cloudtask_store_write_duration_seconds: {
    ...{ type: 'histogram', of: 'center', labels: ['operation'], buckets: LATENCY },
    help: 'Time until a write that came over the API was committed, by what was asked.',
  },
  cloudtask_zookeeper_connected: {
    ...{ type: 'gauge', of: 'center' },
    help: '1 while this center has a connection to ZooKeeper.',
  },
  cloudtask_zookeeper_request_duration_seconds: {
    ...{ type: 'histogram', of: 'center', labels: ['kind'], buckets: LATENCY },
    help: 'Time until ZooKeeper answered a read or a write of this center.',
  },
  cloudtask_zookeeper_connections_lost_total: {
    ...{ type: 'counter', of: 'center' },
    help: 'Connections to ZooKeeper that this center has lost; it reconnects by itself.',
  },
  cloudtask_zookeeper_sessions_lost_total: {
    ...{ type: 'counter', of: 'center' },
    help: 'Sessions of this center that ZooKeeper has given up; a leader leads no more then.',
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof metricTable;
export type NamesOf<T extends MetricRow['type']> = {
  [N in MetricName]: (typeof metricTable)[N]['type'] extends T ? N : never;
}[MetricName];
export type LabelsOf<N extends MetricName> = (typeof metricTable)[N] extends {
  readonly labels: readonly (infer L extends string)[];
}
  ? L
  : never;

export function metricRow(name: MetricName): MetricRow {
  return metricTable[name];
}
