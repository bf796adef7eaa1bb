// ctask drain: an agent hands over its tasks. The leader does it; this command asks for it and tells how it goes, so that
// it may be ended at any time, and called again.
import type { Command } from 'commander';
import { CloudTaskError, parseDuration } from '../../../base/index.js';
import { type Agent, isFinal, type Run } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, type ObjectList, recoverable, type WatchedObject, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { usage } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';
import { agentName } from './cordon.js';
import { inTime } from './in-time.js';
import { Moves, taskWords } from './moves.js';

/** Runs that end sooner than this are not worth a line. */
const RUN_TOLD_AFTER_MS = 1000;

export interface DrainOptions {
  agent: string;
  timeoutMs: number;
  ignoreRunning: boolean;
  /** A duration; runs that are open then are cancelled. For ever unless given. */
  cancelAfter?: string;
}

interface DrainFlags {
  timeout: string;
  ignoreRunning: boolean;
  cancelAfter?: string;
}

type Watched = Agent & WatchedObject;

const DRAIN_HELP = `
The time of --cancel-after counts from this command, and goes on without it. A run that is cancelled has the grace period of its
task, is told as Cancelled for the reason Drained, and is not retried. Asked again, a drain is as it was asked for last.
'ctask uncordon' takes it back.`;

export function defineDrain(program: Command, deps: CliDeps, run = runDrain): void {
  const command = program
    .command('drain')
    .description('Cordon an agent and hand its tasks over to others, each when its run has ended')
    .argument('<agent>', 'NAME or agent/NAME')
    .option('--timeout <duration>', 'longest wait for the end; the drain goes on after it', '10m')
    .option('--cancel-after <duration>', 'cancel runs that are still open then; 0s at once, never unless given')
    .option('--ignore-running', 'hand over tasks although they run; the runs go on', false);
  addExamples(command, [
    { say: 'Before the machine is taken down', run: 'ctask drain eu-1' },
    {
      say: 'Without waiting for runs, and for a minute at most',
      run: 'ctask drain eu-1 --ignore-running --timeout 1m',
    },
    { say: 'Give runs a minute to end by themselves', run: 'ctask drain eu-1 --cancel-after 1m' },
  ]).addHelpText('after', DRAIN_HELP);
  command.action((agent: string, { cancelAfter, ignoreRunning, ...flags }: DrainFlags) => {
    const timeoutMs = parseDuration(flags.timeout);
    if (timeoutMs === undefined) throw usage(`--timeout "${flags.timeout}" is not a duration such as 5m`);
    if (cancelAfter !== undefined && parseDuration(cancelAfter) === undefined) {
      throw usage(`--cancel-after "${cancelAfter}" is not a duration such as 5m`);
    }
    if (cancelAfter !== undefined && ignoreRunning) {
      throw usage('--cancel-after waits for runs and --ignore-running does not: give one of them');
    }
    const bound = cancelAfter === undefined ? {} : { cancelAfter };
    return run({ agent: agentName(agent), timeoutMs, ignoreRunning, ...bound }, deps);
  });
}

export async function runDrain(options: DrainOptions, deps: CliDeps): Promise<void> {
  const { agent, timeoutMs, ignoreRunning, cancelAfter } = options;
  const api = await deps.api();
  const moves = new Moves(api, { kind: 'Agent', name: agent }, (move) =>
    deps.out(`${taskWords(move)} moved to ${move.to}\n`),
  );
  await moves.begin();
  const path = resourcePath('agents', undefined, agent, 'drain');
  const { operation, object } = await api.send<{ operation: string; object: Watched }>('POST', path, {
    body: { ignoreRunning, ...(cancelAfter === undefined ? {} : { cancelAfter }) },
  });
  await deps.out(resultLine('Agent', agent, operation));
  deps.atInterrupt(async () =>
    deps.say(`\nthe drain goes on without this command; 'ctask uncordon ${agent}' takes it back`),
  );
  const seen = { agent: object };
  const work = Promise.race([
    untilDrained(api, object, seen, deps),
    // Both end only when the center refuses them.
    moves.follow().then(() => new Promise<never>(() => {})),
    ignoreRunning ? new Promise<never>(() => {}) : tellRuns(api, agent, deps),
  ]);
  await inTime(work, timeoutMs, deps, () => lateWords(agent, seen.agent));
  await moves.finish();
  await deps.out(resultLine('Agent', agent, 'drained'));
}

function drainedOf({ metadata, status }: Agent) {
  const condition = status?.conditions?.find(({ type }) => type === 'Drained');
  return condition?.observedGeneration === metadata.generation ? condition : undefined;
}

function lateWords(name: string, agent: Agent): string {
  const message = drainedOf(agent)?.message ?? 'nothing is known of it yet';
  return `agent "${name}" is not drained in time (${message}); the drain goes on, 'ctask uncordon ${name}' takes it back`;
}

async function untilDrained(api: Api, object: Watched, seen: { agent: Watched }, deps: CliDeps): Promise<void> {
  const { name, resourceVersion, uid } = object.metadata;
  const list: ObjectList<Watched> = { metadata: { resourceVersion }, items: [object] };
  let told = '';
  if (drainedOf(object)?.status === 'True') return;
  for await (const { type, object: agent } of watchFrom(
    api,
    resourcePath('agents'),
    { fieldSelector: `metadata.name=${name}` },
    list,
  )) {
    if (type === 'DELETED' || agent.metadata.uid !== uid) {
      throw new CloudTaskError('CT_NOT_FOUND', `agent "${name}" was deleted`);
    }
    if (agent.spec.drain === undefined) {
      throw new CloudTaskError('CT_CONFLICT', `the drain of agent "${name}" was taken back`);
    }
    seen.agent = agent;
    const drained = drainedOf(agent);
    if (drained?.status === 'True') return;
    const message = drained?.reason === 'NoEligibleAgent' ? drained.message : '';
    if (message !== '' && message !== told) await deps.say(`waiting: ${message}`);
    told = message;
  }
}

/** One line per run that holds up the drain. */
async function tellRuns(api: Api, agent: string, deps: CliDeps): Promise<never> {
  const told = new Set<string>();
  for (;;) {
    await deps.clock.sleep(RUN_TOLD_AFTER_MS, deps.signal);
    for (const { metadata, status } of await runsOf(api, agent)) {
      const uid = metadata.uid ?? '';
      const begun = Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '');
      const open = status !== undefined && !isFinal(status.state);
      if (!open || told.has(uid) || deps.clock.now() - begun < RUN_TOLD_AFTER_MS) continue;
      told.add(uid);
      const where = metadata.namespace === 'default' ? '' : ` -n ${metadata.namespace}`;
      const state = status.state === 'Running' ? 'running' : status.state.toLowerCase();
      await deps.out(`run/${metadata.name}${where} still ${state}…\n`);
    }
  }
}

async function runsOf(api: Api, agent: string): Promise<Run[]> {
  try {
    return (await listAll<Run>(api, resourcePath('runs'), { fieldSelector: `status.agent=${agent}` })).items;
  } catch (error) {
    if (!recoverable(error)) throw error;
    return []; // the center is away for a moment; so many seconds more and the runs are told
  }
}
