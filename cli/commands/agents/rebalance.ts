// ctask rebalance: shows, or has made, the moves after which every agent owns its share.
import type { Command } from 'commander';
import { CloudTaskError, parseDuration } from '../../../base/index.js';
import type { Cluster, TaskMove } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import { type ObjectList, type WatchedObject, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { oneName, usage } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';
import { inTime } from './in-time.js';
import { Moves, taskWords } from './moves.js';

/** The allocation may change between the look at it and the moves; then nothing is moved, and one looks again. */
const TRIES_MAX = 5;
const AGAIN_MS = 500;
const CLUSTER_NAMES = ['cluster', 'clusters', 'cl'] as const;

export interface RebalanceOptions {
  cluster: string;
  dryRun: boolean;
  release: boolean;
  timeoutMs: number;
}

interface Reply {
  readonly moves: readonly TaskMove[];
  readonly request?: string;
}

export function defineRebalance(program: Command, deps: CliDeps, run = runRebalance): void {
  const command = program
    .command('rebalance')
    .description('Move tasks so that every agent owns its share; a task that runs moves when its run has ended')
    .argument('[cluster]', 'NAME or cluster/NAME', 'default')
    .option('--dry-run', 'show the moves, and make none', false)
    .option('--release', 'take agents for gone that went all at once, and move their tasks', false)
    .option('--timeout <duration>', 'longest wait for the last move; the rest is moved after it', '10m');
  addExamples(command, [
    { say: 'What would move', run: 'ctask rebalance --dry-run' },
    { say: 'Move it', run: 'ctask rebalance eu' },
    { say: 'Many machines are down for good: do not wait for them any longer', run: 'ctask rebalance --release eu' },
  ]).action((cluster: string, flags: { timeout: string; dryRun: boolean; release: boolean }) => {
    const timeoutMs = parseDuration(flags.timeout);
    if (timeoutMs === undefined) throw usage(`--timeout "${flags.timeout}" is not a duration such as 5m`);
    if (flags.dryRun && flags.release) throw usage('--dry-run and --release exclude each other');
    return run({ ...flags, cluster: oneName(cluster, CLUSTER_NAMES).name, timeoutMs }, deps);
  });
}

export async function runRebalance(options: RebalanceOptions, deps: CliDeps): Promise<void> {
  const { cluster, dryRun, release } = options;
  const api = await deps.api();
  if (release) {
    const path = resourcePath('clusters', undefined, cluster, 'release');
    const { operation } = await api.send<{ operation: string; object: ApiObject }>('POST', path);
    return deps.out(resultLine('Cluster', cluster, operation));
  }
  if (!dryRun) return rebalance(api, options, deps);
  const { moves } = await ask(api, cluster, true);
  for (const move of moves) await deps.out(moveLine(move));
  if (moves.length === 0) await deps.out(resultLine('Cluster', cluster, 'unchanged (balanced)'));
}

function ask(api: Api, cluster: string, dryRun: boolean): Promise<Reply> {
  const query = dryRun ? { dryRun: 'All' } : {};
  return api.send<Reply>('POST', resourcePath('clusters', undefined, cluster, 'rebalance'), { query });
}

const moveLine = (move: TaskMove): string => `${taskWords(move)} ${move.from} -> ${move.to}\n`;

async function rebalance(api: Api, { cluster, timeoutMs }: RebalanceOptions, deps: CliDeps): Promise<void> {
  const moves = new Moves(api, { kind: 'Cluster', name: cluster }, (move) => deps.out(moveLine(move)));
  await moves.begin();
  const following = moves.follow().then(() => new Promise<never>(() => {}));
  following.catch(() => undefined); // told by the race below
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const { moves: planned, request } = await ask(api, cluster, false);
    if (request === undefined) return deps.out(resultLine('Cluster', cluster, 'unchanged (balanced)'));
    const late = () => `not all of ${planned.length} tasks have moved in time; the others move when their runs end`;
    const answer = Promise.race([untilAnswered(api, cluster, request), following]);
    if ((await inTime(answer, timeoutMs, deps, late)) === 'Done') {
      await moves.finish();
      return deps.out(resultLine('Cluster', cluster, 'rebalanced'));
    }
    await deps.clock.sleep(AGAIN_MS, deps.signal);
  }
  throw new CloudTaskError('CT_CONFLICT', {
    subject: `Cluster ${cluster}`,
    detail: 'the allocation changes all the time; nothing was moved',
    hint: 'try again when agents and tasks stay as they are',
  });
}

async function untilAnswered(api: Api, name: string, request: string): Promise<'Done' | 'Refused'> {
  type Watched = Cluster & WatchedObject;
  const path = resourcePath('clusters');
  const query = { fieldSelector: `metadata.name=${name}` };
  const list = await api.get<ObjectList<Watched>>(path, query);
  const answerOf = ({ status }: Cluster) => {
    const answer = status?.rebalance;
    return answer?.request === request && answer.state !== 'Running' ? answer.state : undefined;
  };
  const [now] = list.items;
  const first = now === undefined ? undefined : answerOf(now);
  if (first !== undefined) return first;
  for await (const { object } of watchFrom(api, path, query, list)) {
    const state = answerOf(object);
    if (state !== undefined) return state;
  }
  throw new CloudTaskError('CT_NOT_FOUND', `cluster "${name}" was not found`);
}
