// ctask backfill: runs for time points that have passed without one (C-72). The command makes them one after the other, so that
// it may be ended at any time; the same command goes on where it stopped, because no time point is run twice.
import type { Command } from 'commander';
import { isCloudTaskError } from '../../../base/index.js';
import { isFinal, type Run, type Task } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { Table } from '../../output/table.js';
import { isoTime } from '../../output/times.js';
import type { ListedRun } from '../../resources/begun-runs.js';
import { localZone, parsePastTime } from '../../resources/instant.js';
import { checkParameters, parseParameters } from '../../resources/parameters.js';
import { oneName, TASK_NAMES, usage } from '../../resources/target.js';
import { endWords, resultLine } from '../../resources/words.js';
import { collect } from '../apply.js';

export interface BackfillOptions {
  task: string;
  /** RFC 3339; both ends count. */
  from: string;
  to: string;
  maxParallel: number;
  dryRun: boolean;
  /** Of a task with placement.mode Shards or EveryAgent. */
  slot?: string;
  /** Of every one of the runs. */
  parameters?: Readonly<Record<string, string>>;
}

interface TimePoint {
  readonly time: string;
  readonly schedule: string;
  readonly run?: { readonly name: string; readonly state: string };
  readonly done?: 'HasRun' | 'ToCome';
}

interface TimePoints {
  readonly items: readonly TimePoint[];
  readonly continueSince?: string;
}

interface BackfillFlags {
  from: string;
  to: string;
  timezone?: string;
  maxParallel: string;
  dryRun: boolean;
  slot?: string;
  param: string[];
}

/** Time points of one call; they are run one by one, so more would take days. */
const POINTS_MAX = 10_000;

export function defineBackfill(program: Command, deps: CliDeps, run = runBackfill): void {
  const command = program
    .command('backfill')
    .description('Run a task for time points that have passed without a run')
    .argument('<task>', 'NAME or task/NAME')
    .requiredOption(
      '--from <time>',
      'first time point: 2026-11-01, 2026-11-01T08:00, RFC 3339, or how long ago, e.g. 6h',
    )
    .requiredOption('--to <time>', 'last time point: as --from, or now')
    .option('--timezone <zone>', 'IANA time zone of times without an offset; that of this machine unless given')
    .option('--max-parallel <n>', 'runs at the same time', '1')
    .option('--slot <slot>', 'the shard, or the agent, of a task with placement.mode Shards or EveryAgent')
    .option('--param <name=value>', 'value of a parameter that the task declares; may be repeated', collect, [])
    .option('--dry-run', 'only list the time points and what would be done', false);
  addExamples(command, [
    {
      say: 'What would be run',
      run: 'ctask backfill hello --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z --dry-run',
    },
    {
      say: 'Two at a time',
      run: 'ctask backfill hello --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z --max-parallel 2',
    },
    {
      say: 'What would be run of two days, from midnight to midnight there',
      run: 'ctask backfill hello --from 2026-11-01 --to 2026-11-03 --timezone Europe/Berlin --dry-run',
    },
  ]).action(async (task: string, { maxParallel, param, timezone = localZone(), ...flags }: BackfillFlags) => {
    if (!/^[1-9]\d{0,3}$/.test(maxParallel))
      throw usage(`--max-parallel "${maxParallel}" is not a number from 1 to 9999`);
    const now = deps.clock.now();
    const from = await parsePastTime('--from', flags.from, now, timezone);
    const to = await parsePastTime('--to', flags.to, now, timezone);
    if (from > to) throw usage(`--from "${flags.from}" is later than --to "${flags.to}"`);
    const times = { from: isoTime(from), to: isoTime(to) };
    const parameters = parseParameters(param);
    const { name } = oneName(task, TASK_NAMES);
    return run({ ...flags, ...times, parameters, task: name, maxParallel: Number(maxParallel) }, deps);
  });
}

export async function runBackfill(options: BackfillOptions, deps: CliDeps): Promise<void> {
  const points = await timePoints(options, deps);
  // Where a run is made the center looks at the parameters.
  if (options.dryRun || points.length === 0) {
    const { spec } = await taskOf(options, deps);
    await checkParameters(spec, options.parameters ?? {});
    if (points.length > 0) return list(points, deps);
    const none = (spec.schedules ?? []).length === 0;
    return deps.say(none ? `task "${options.task}" has no schedules` : 'no time points between these times');
  }
  const open = points.filter(({ done }) => done === undefined);
  if (open.length < points.length)
    await deps.say(`# ${points.length - open.length} of ${points.length} time points need no run`);
  if (open.length === 0) return;
  deps.atInterrupt(() => deps.say('\nruns that were created go on; the same command goes on where this one stopped'));
  const failed = await new Backfill(options, deps).run(open.map(({ time }) => time));
  if (failed > 0) {
    await deps.say(`# ${failed} of ${open.length} runs did not succeed`);
    deps.setExit(1);
  }
}

async function taskOf({ task }: BackfillOptions, deps: CliDeps): Promise<Task> {
  const { namespace } = await deps.settings();
  return (await deps.api()).get<Task>(resourcePath('tasks', namespace, task));
}

/** The center speaks of its parameter, who typed the command of a flag. */
function ofFlag(error: unknown): unknown {
  if (!isCloudTaskError(error, 'CT_BAD_REQUEST')) return error;
  const [, why] = /^parameter "slot": (.*)$/s.exec(error.details.detail) ?? [];
  return why === undefined ? error : usage(`--slot: ${why}`);
}

async function timePoints({ task, from, to, slot }: BackfillOptions, deps: CliDeps): Promise<TimePoint[]> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  const path = resourcePath('tasks', namespace, task, 'timepoints');
  const points: TimePoint[] = [];
  let next: string | undefined = from;
  while (next !== undefined) {
    const query = { since: next, until: to, ...(slot === undefined ? {} : { slot }) };
    const page: TimePoints = await api.get<TimePoints>(path, query).catch((error: unknown): never => {
      throw ofFlag(error);
    });
    points.push(...page.items);
    if (points.length > POINTS_MAX) throw usage(`more than ${POINTS_MAX} time points; take a shorter stretch of time`);
    next = page.continueSince;
  }
  return points;
}

const shortTime = (time: string): string => time.replace('.000Z', 'Z');

const ACTIONS = { HasRun: 'none: it has a run', ToCome: 'none: it is to come by itself' } as const;

async function list(points: readonly TimePoint[], deps: CliDeps): Promise<void> {
  const table = new Table({ headers: ['TIME', 'SCHEDULE', 'RUN', 'STATUS', 'ACTION'] });
  const rows = points.map(({ time, schedule, run, done }) => [
    shortTime(time),
    schedule,
    run?.name ?? '<none>',
    run?.state ?? '<none>',
    done === undefined ? 'run' : ACTIONS[done],
  ]);
  await deps.out(table.render(rows));
}

class Backfill {
  private readonly options: BackfillOptions;
  private readonly deps: CliDeps;
  /** Uids of runs that were made and have not ended. */
  private readonly open = new Set<string>();
  private failed = 0;

  constructor(options: BackfillOptions, deps: CliDeps) {
    this.options = options;
    this.deps = deps;
  }

  /** Resolves with how many did not succeed. */
  async run(times: readonly string[]): Promise<number> {
    const api = await this.deps.api();
    const { namespace } = await this.deps.settings();
    const path = resourcePath('runs', namespace);
    const query = { fieldSelector: `spec.task=${this.options.task},spec.trigger=Backfill` };
    // Listed before the first one is made: the watch tells the end of all.
    const known = await listAll<ListedRun>(api, path, query);
    const left = [...times];
    await this.fill(left, namespace);
    if (this.open.size === 0) return this.failed;
    for await (const { type, object } of watchFrom(api, path, query, known)) {
      if (this.open.has(object.metadata.uid)) await this.note(object, type === 'DELETED');
      await this.fill(left, namespace);
      if (this.open.size === 0 && left.length === 0) break;
    }
    return this.failed;
  }

  private async fill(left: string[], namespace: string): Promise<void> {
    const api = await this.deps.api();
    while (this.open.size < this.options.maxParallel && left.length > 0) {
      const { slot, parameters = {} } = this.options;
      const given = Object.keys(parameters).length === 0 ? {} : { parameters };
      const body = { scheduledTime: left.shift()!, ...(slot === undefined ? {} : { slot }), ...given };
      const path = resourcePath('tasks', namespace, this.options.task, 'backfill');
      const run = await api.send<Run>('POST', path, { body, repeatable: true });
      await this.deps.out(resultLine('Run', run.metadata.name, 'created'));
      await this.deps.say(`# run ${run.metadata.name}: time point ${shortTime(body.scheduledTime)}`);
      if (isFinal(run.status?.state ?? 'Pending')) await this.note(run, false);
      else this.open.add(run.metadata.uid ?? '');
    }
  }

  private async note(run: Run, deleted: boolean): Promise<void> {
    const state = run.status?.state ?? 'Pending';
    if (!deleted && !isFinal(state)) return;
    this.open.delete(run.metadata.uid ?? '');
    if (state !== 'Succeeded') this.failed += 1;
    await this.deps.say(
      `# run ${run.metadata.name} ended: ${deleted ? 'deleted' : state}${endWords(run.status ?? {})}`,
    );
  }
}
