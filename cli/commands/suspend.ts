// ctask suspend, ctask resume: whether time points of a task fire.
import type { Command } from 'commander';
import type { Instant } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { isoTime, zonedTime } from '../output/times.js';
import type { ApiObject } from '../resources/api-object.js';
import { localZone } from '../resources/instant.js';
import { taskNames, usage } from '../resources/target.js';
import { parseUntil } from '../resources/until.js';
import { resultLine } from '../resources/words.js';
import { addErrorUnchanged, failUnchanged, type UnchangedFlag } from './error-unchanged.js';
import { addFilename, checkChoice, type FileFlags, type PlacedName, tasksOfFiles } from './filename-option.js';

export interface SuspendOptions extends UnchangedFlag, Partial<FileFlags> {
  verb: 'suspend' | 'resume';
  tasks: readonly string[];
  selector?: string;
  /** Absent: without an end. */
  until?: { readonly text: string; readonly timeZone: string };
  /** Absent: the reason of the suspension that stands. */
  reason?: string;
}

interface SuspendFlags extends UnchangedFlag, FileFlags {
  selector?: string;
  until?: string;
  reason?: string;
  timezone?: string;
}

export function defineSuspend(program: Command, deps: CliDeps, run = runSuspend): void {
  const command = addSelector(program.command('suspend'))
    .description('Stop tasks from firing, for good or until an instant; what runs, runs on')
    .option('--until <time>', 'fire again by itself after 2h, or from 2026-12-01T08:00 on; for good unless given')
    .option('--reason <text>', 'why, for those who look at the task')
    .option('--timezone <zone>', 'IANA time zone of an --until without an offset; that of this machine unless given');
  addExamples(addErrorUnchanged(command), [
    { say: 'One task', run: 'ctask suspend hello' },
    { say: 'For two hours, and why', run: "ctask suspend task/hello --until 2h --reason 'the database moves'" },
    { say: 'All of a team until Tuesday morning', run: 'ctask suspend -l team=fin --until 2026-12-01T08:00' },
    { say: 'The tasks of a directory', run: 'ctask suspend -f examples/hello' },
  ]).action((tasks: string[], flags: SuspendFlags) => run(suspendOptions(tasks, flags), deps));
}

export function defineResume(program: Command, deps: CliDeps, run = runSuspend): void {
  const command = addSelector(program.command('resume')).description('Let suspended tasks fire again');
  addExamples(addErrorUnchanged(command), [
    { say: 'One task', run: 'ctask resume hello' },
    { say: 'Several', run: 'ctask resume task/hello task/nightly-report' },
  ]).action((tasks: string[], flags: UnchangedFlag & FileFlags & { selector?: string }) =>
    run({ verb: 'resume', tasks: taskNames(tasks), ...flags }, deps),
  );
}

function addSelector(command: Command): Command {
  const selecting = command
    .argument('[task...]', 'NAME or task/NAME')
    .option('-l, --selector <labels>', 'all tasks with these labels');
  return addFilename(selecting, 'the tasks that these manifests name');
}

function suspendOptions(tasks: readonly string[], flags: SuspendFlags): SuspendOptions {
  const { until, reason, timezone, ...others } = flags;
  if (timezone !== undefined && until === undefined) throw usage('--timezone goes with --until');
  return {
    ...{ verb: 'suspend', tasks: taskNames(tasks) },
    ...others,
    ...(until === undefined ? {} : { until: { text: until, timeZone: timezone ?? localZone() } }),
    ...(reason === undefined ? {} : { reason }),
  };
}

export async function runSuspend(options: SuspendOptions, deps: CliDeps): Promise<void> {
  const { verb, until, reason } = options;
  checkChoice(options.tasks, 'task', options);
  const end = until === undefined ? undefined : await parseUntil(until.text, { ...until, now: deps.clock.now() });
  const api = await deps.api();
  const tasks = await tasksOf(options, deps);
  if (tasks.length === 0) return deps.say(`No tasks found in ${(await deps.settings()).namespace} namespace.`);
  if (end !== undefined && until !== undefined) await deps.say(`until ${instantWords(end, until.timeZone)}`);
  const body = {
    ...(end === undefined ? {} : { until: isoTime(end) }),
    ...(reason === undefined ? {} : { reason }),
  };
  const changed: boolean[] = [];
  for (const { namespace, name } of tasks) {
    const path = resourcePath('tasks', namespace, name, verb);
    const asked = Object.keys(body).length === 0 ? {} : { body };
    const { operation, object } = await api.send<{ operation: string; object: ApiObject }>('POST', path, asked);
    changed.push(operation !== 'unchanged');
    await deps.out(resultLine('Task', object.metadata.name, operation));
  }
  failUnchanged(options, changed, deps);
}

/** `2026-12-01T07:00:00Z (Tue, 01 Dec 2026 08:00:00 +0100, Europe/Berlin)`: what was understood. */
function instantWords(time: Instant, timeZone: string): string {
  return `${isoTime(time)} (${zonedTime(time, timeZone)}, ${timeZone})`;
}

async function tasksOf(options: SuspendOptions, deps: CliDeps): Promise<PlacedName[]> {
  const { verb, tasks, filename = [], recursive = false, selector: labelSelector } = options;
  if (filename.length > 0) {
    const outcome = `nothing was ${verb === 'suspend' ? 'suspended' : 'resumed'}`;
    return tasksOfFiles(tasks, { filename, recursive }, outcome, deps);
  }
  const { namespace } = await deps.settings();
  const named = tasks.map((name) => ({ name, namespace }));
  if (labelSelector === undefined) return named;
  const { items } = await listAll<Task>(await deps.api(), resourcePath('tasks', namespace), { labelSelector });
  return [...named, ...items.map(({ metadata }) => ({ name: metadata.name, namespace }))];
}
