// What cron gives to a command, said as a task: shell, variables, directory, standard input, and how runs may overlap.
import type { Task, TaskSpec } from '../../../manifests/index.js';
import type { ImportTarget } from '../imported.js';
import { CrontabError } from './crontab-error.js';
import type { CrontabEntry } from './parse-crontab.js';

export interface CrontabTarget extends ImportTarget {
  /** Zone of the machine that the crontab is from. */
  readonly timeZone: string;
  /** Home directory of the user the crontab belongs to, where that is known. */
  readonly home?: string;
  /** Whether tasks can say whom they run as. */
  readonly users: boolean;
}

/** Annotations for what tasks have no field for. */
export const CRON_MAILTO = 'cron.cloudtask.dev/mailto';
export const CRON_MAILFROM = 'cron.cloudtask.dev/mailfrom';
export const CRON_USER = 'cron.cloudtask.dev/user';

/** What cron gives when the crontab does not say otherwise. */
const SHELL = '/bin/sh';
const PATH = '/usr/bin:/bin';
const POSIX_SHELLS = /(^|\/)(sh|bash|dash|ash|ksh|mksh|zsh|busybox)$/;
/** Variables that speak to cron, not to the command. */
const TO_CRON = new Set(['CRON_TZ', 'RANDOM_DELAY', 'MAILTO', 'MAILFROM', 'CONTENT_TYPE', 'CONTENT_TRANSFER_ENCODING']);

/** Throws CrontabError for what a task cannot be given. */
export function crontabTask(entry: CrontabEntry, name: string, target: CrontabTarget): Task {
  const { variables } = entry;
  const { namespace, cluster } = target;
  const annotations = annotationsOf(entry, target);
  const delay = Number(variables.get('RANDOM_DELAY') ?? 0);
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      ...(cluster === undefined ? {} : { cluster }),
      timeZone: variables.get('CRON_TZ') ?? target.timeZone,
      schedules: [{ cron: entry.cron, ...(delay === 0 ? {} : { jitter: `${delay}m` }) }],
      run: runOf(entry, target),
      // cron starts the next run whatever the last one does, and never makes up for one.
      concurrencyPolicy: 'Allow',
      missedRunPolicy: 'Skip',
    },
  } as Task;
}

function annotationsOf({ variables, user }: CrontabEntry, { users }: CrontabTarget): Record<string, string> {
  const said: [string, string | undefined][] = [
    [CRON_MAILTO, variables.get('MAILTO')],
    [CRON_MAILFROM, variables.get('MAILFROM')],
    [CRON_USER, users ? undefined : user],
  ];
  return Object.fromEntries(said.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function runOf({ variables, command, stdin, user }: CrontabEntry, target: CrontabTarget): TaskSpec['run'] {
  const shell = variables.get('SHELL') ?? SHELL;
  const home = variables.get('HOME') ?? target.home ?? (user === 'root' && target.users ? '/root' : undefined);
  const env = new Map([['PATH', PATH], ...variables, ['SHELL', shell]]);
  for (const name of TO_CRON) env.delete(name);
  if (home !== undefined) env.set('HOME', home);
  else if (!POSIX_SHELLS.test(shell)) {
    throw new CrontabError(`the directory in which ${shell} shall run the command is not known: say --home DIR`, 0);
  }
  const run = {
    // Without a known home, that of whoever the agent runs it as.
    command: [shell, '-c', home === undefined ? `cd || exit; ${command}` : command],
    env: [...env].map(([name, value]) => ({ name, value })),
    ...(home === undefined ? {} : { workingDir: home }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(user === undefined || !target.users ? {} : { user }),
  };
  return run as TaskSpec['run'];
}
