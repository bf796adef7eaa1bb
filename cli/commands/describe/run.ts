import { formatAge } from '../../../base/index.js';
import { type Run, runDuration } from '../../../manifests/index.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';
import { addGiven } from './parameters.js';
import { timeAndAge } from './parts.js';
import { addGroup } from './run-group.js';
import { limitsText, usageColumns } from './usage.js';

export async function describeRun(run: Run, description: Description, deps: CliDeps): Promise<void> {
  const now = deps.clock.now();
  const { spec, status } = run;
  const optional = (key: string, value: string | undefined) => {
    if (value !== undefined && value !== '') description.field(key, value);
  };
  const time = (value: string | undefined) => (value === undefined ? undefined : timeAndAge(value, now));
  description.field('Task', spec.task).field('Trigger', spec.trigger).field('Revision', String(spec.revision));
  optional('Slot', spec.slot);
  optional('Schedule', spec.schedule);
  optional('Scheduled', time(spec.scheduledTime));
  optional('Caused By', spec.causedBy?.join(', '));
  optional('Retry Of', spec.retryOf);
  optional('Arguments', spec.args === undefined ? undefined : JSON.stringify(spec.args));
  optional('Cancel Requested', time(spec.cancelRequestedTime));
  optional('Cancel Grace Period', spec.cancelGracePeriod);
  description.field('Status', status?.state ?? 'Pending');
  optional('Reason', status?.reason);
  optional('Message', status?.message);
  optional('Agent', status?.agent);
  optional('Started', time(status?.startTime));
  optional('Ended', time(status?.endTime));
  description.field('Duration', runDuration(run, { now, age: formatAge }));
  optional('Exit Code', status?.exitCode?.toString());
  optional('Signal', status?.signal);
  addGiven(description, spec);
  if (spec.env !== undefined && spec.env.length > 0) {
    description.section(
      'Environment',
      spec.env.map(({ name, value }) => [name, value]),
    );
  }
  const attempts = status?.attempts ?? [];
  optional('Limits', limitsText(attempts.at(-1)));
  const usage = usageColumns(attempts);
  description.table(
    'Attempts',
    ['Number', 'Status', 'Agent', 'Exit', 'Pid', ...usage.heads, 'Started', 'Reason'],
    attempts.map((attempt) => [
      String(attempt.number),
      attempt.state,
      attempt.agent,
      String(attempt.exitCode ?? attempt.signal ?? '<none>'),
      String(attempt.pid ?? '<none>'),
      ...usage.cells(attempt),
      time(attempt.startTime) ?? '<none>',
      attempt.reason ?? '<none>',
    ]),
  );
  await addGroup(run, description, deps);
}
