// docs/metrics.md: the metrics of a center, from the table that they are made of.
import { type MetricName, type MetricRow, metricRow, metricTable } from '../center/api/metrics/metric-table.js';
import { TASKS_MAX } from '../center/api/metrics/task-metrics.js';
import { moveReasons } from '../center/controllers/allocation/move-reasons.js';
import { METRICS } from '../manifests/index.js';

const PARTS: readonly (readonly [title: string, of: readonly MetricRow['of'][], words: string])[] = [
  [
    'The installation',
    ['all'],
    'Told by one center at a time: by the leader, or by the only one there can be (SQLite). So `sum()` over the centers is right, and a new leader begins at 0, as after a restart.',
  ],
  [
    'Agents',
    ['agent'],
    'Agents listen on no port. They tell the center that they report to, with each heartbeat (10 s), and that center tells it on. An agent that was not heard of for a minute is left out; one that has changed its center may stand at both for that long, so gauges go together by `max by (agent)`.',
  ],
  ['The leader at work', ['leader'], 'Other centers have 0, or what they counted when they led.'],
  ['Each center', ['center'], 'What a center does and sees itself.'],
  [
    'Single tasks',
    ['task'],
    `Only of tasks with the label \`${METRICS}: "true"\`, and of ${TASKS_MAX} of them at most: the first that run. Counted from the time the center began to; a query over a range bridges that: \`time() - max by (namespace, task) (max_over_time(cloudtask_task_last_success_timestamp_seconds[2d])) > 26 * 3600\`.`,
  ],
];

function rows(of: readonly MetricRow['of'][]): string {
  const names = (Object.keys(metricTable) as MetricName[]).filter((name) => of.includes(metricRow(name).of));
  const lines = names.map((name) => {
    const { type, labels = [], help } = metricRow(name);
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  return `| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

export function metricsPage(): string {
  const parts = PARTS.map(([title, of, words]) => `## ${title}\n\n${words}\n\n${rows(of)}`);
  const reasons = Object.entries(moveReasons).map(([reason, meaning]) => `\`${reason}\`: ${meaning}`);
  return `# Metrics

Every center answers \`GET /metrics\` in the text format of Prometheus. It asks for a token, as everything does; the role of the token needs the verb \`get\` on \`Metrics\`
(viewers have it). [examples/monitoring](../examples/monitoring/README.md) has an account that may do nothing else, a configuration of Prometheus, alert rules and a dashboard for Grafana.
\`ctask get --raw /metrics\` shows them to people. Besides those below there are the usual ones of the process (\`process_…\`, \`nodejs_…\`).

Without \`ctask\`, with files of the center's data directory (plain \`http\` and no \`--cacert\` where the center has no \`--tls\`):

\`\`\`sh
curl --cacert tls/ca.crt -H "Authorization: Bearer $(cat admin.token)" https://center.example.com:7070/metrics
\`\`\`

${parts.join('\n')}
Reasons of \`cloudtask_allocation_moves_total\`: ${reasons.join('; ')}.
`;
}
