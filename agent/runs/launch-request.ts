// What the runner is asked to start for an attempt.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBytes } from '../../base/index.js';
import {
  expandParameters,
  parameterEnvironment,
  SHARD_VARIABLES,
  shardEnvironment,
  type TaskSpec,
  traceparentOf,
} from '../../manifests/index.js';
import type { Platform } from '../platform/index.js';
import type { LaunchRequest } from '../runner/runner.js';
import { taskEnvironment } from '../secrets/environment.js';
import type { MaskFiles } from '../secrets/mask-files.js';
import type { SecretCache } from '../secrets/secret-cache.js';
import type { OpenRun } from './open-run.js';
import { parametersOf } from './parameters-of.js';
import { handOver, type Identity, type RunAsPolicy } from './run-as.js';
import { inPackage } from './run-packages.js';

export interface LaunchSettings {
  readonly platform: Platform;
  /** The environment every process gets; read once. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly secrets: Pick<SecretCache, 'get' | 'isMissing'>;
  readonly masks: MaskFiles;
  /** Quota of output on disk per attempt. */
  readonly outputMaxBytes: number;
  readonly runAs: RunAsPolicy;
  /** Directory in which attempts get cgroups; absent where the agent has none. */
  readonly cgroups?: string | undefined;
  /** Processes find their trace in TRACEPARENT. */
  readonly traced?: boolean;
}

/** `directory` is the attempt's, absolute; it exists. Writes `script`, `stdin` and `masks` there when the task has them. `monotonic` is
 * the monotonic time, `packageDir` where the files of the run's package are. Throws RunAsError when this agent may not start the task as whom it asks for, and when a
 * secret is missing that the task names, or a parameter that it requires. */
export function launchRequest(
  run: OpenRun,
  directory: string,
  settings: LaunchSettings,
  monotonic: number,
  packageDir?: string,
): LaunchRequest {
  const { spec } = run.task.task;
  const { policy } = run.task;
  const { umask, stdin, workingDir } = spec.run;
  const parameters = parametersOf(run);
  const environment = taskEnvironment(run.task.task, settings.secrets, parameters);
  const identity = settings.runAs.identityFor(spec.run);
  // There before the first byte of output.
  settings.masks.write(directory, environment.secret);
  const stdinFile = stdin === undefined ? undefined : writeInto(directory, 'stdin', stdin);
  const argv = argvOf(run, directory, settings.platform, packageDir, parameters);
  if (identity !== undefined) {
    const script = spec.run.command === undefined ? [settings.platform.scriptName(spec.run.interpreter)] : [];
    handOver(directory, stdin === undefined ? script : [...script, 'stdin'], identity);
  }
  return {
    directory,
    argv,
    env: parameterEnvironment(
      environmentOf(
        run,
        { ...settings.baseEnv, ...traceEnv(run, settings), ...accountEnv(identity), ...environment.env },
        packageDir,
      ),
      parameters,
    ),
    workingDir: workingDir === undefined ? join(directory, 'work') : inPackage(packageDir, workingDir, 'directory'),
    ...(stdinFile === undefined ? {} : { stdinFile }),
    ...(policy.timeoutMs === undefined ? {} : { timeoutMs: policy.timeoutMs }),
    gracePeriodMs: policy.gracePeriodMs,
    ...(run.startBefore === undefined ? {} : { startBefore: run.startBefore }),
    notBefore: run.startAt,
    ...(run.dueMonotonic === undefined ? {} : { waitMs: Math.max(0, run.dueMonotonic - monotonic) }),
    outputMaxBytes: settings.outputMaxBytes,
    ...(spec.logs?.maxBytes === undefined ? {} : { logMaxBytes: parseBytes(spec.logs.maxBytes) ?? 0 }),
    ...limitsOf(spec.resources?.limits),
    ...(settings.cgroups === undefined ? {} : { cgroups: settings.cgroups }),
    ...(identity === undefined ? {} : { runAs: identity.runAs }),
    ...(umask === undefined ? {} : { umask: Number.parseInt(umask, 8) }),
  };
}

/** Arguments of the command are expanded, each on its own; the run's own arguments and the script are taken as they are. */
function argvOf(
  run: OpenRun,
  directory: string,
  platform: Platform,
  packageDir: string | undefined,
  parameters: ReadonlyMap<string, string>,
): string[] {
  const { command, script, interpreter } = run.task.task.spec.run;
  const withProgram = ([program = '', ...args]: readonly string[]) => [
    inPackage(packageDir, program, 'program'),
    ...args,
    ...run.args,
  ];
  if (command !== undefined) {
    const [program = '', ...args] = command;
    return withProgram([program, ...args.map((arg) => expandParameters(arg, parameters))]);
  }
  const path = writeInto(directory, platform.scriptName(interpreter), script ?? '', 0o700);
  return withProgram([...(interpreter ?? platform.defaultShell()), path]);
}

function limitsOf(limits: NonNullable<TaskSpec['resources']>['limits']): Pick<LaunchRequest, 'limits'> {
  if (limits === undefined) return {};
  const { cpu, memory, pids, openFiles, fileSize } = limits;
  const all = Object.entries({
    cpuMillis: cpu === undefined ? undefined : Math.round(Number.parseFloat(cpu) * (cpu.endsWith('m') ? 1 : 1000)),
    memoryBytes: memory === undefined ? undefined : parseBytes(memory),
    pids,
    openFiles,
    fileSizeBytes: fileSize === undefined ? undefined : parseBytes(fileSize),
  });
  return { limits: Object.fromEntries(all.filter(([, value]) => value !== undefined)) };
}

/** A task that has a trace of its own to follow says so itself. */
function traceEnv({ uid, attempt }: OpenRun, { traced = false }: LaunchSettings): Record<string, string> {
  return traced ? { TRACEPARENT: traceparentOf(uid, attempt) } : {};
}

function accountEnv(identity: Identity | undefined): Record<string, string> {
  if (identity === undefined) return {};
  const { name, home, shell } = identity.account;
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}

/** Later ones win: the machine's, the task's, the run's own, then what CloudTask itself says, which nobody may forge. */
function environmentOf(
  run: OpenRun,
  before: Readonly<Record<string, string>>,
  packageDir: string | undefined,
): Record<string, string> {
  const env: Record<string, string> = { ...before };
  for (const { name, value } of run.env) env[name] = value;
  env.CTASK_RUN_ID = run.uid;
  env.CTASK_TASK = run.task.name;
  env.CTASK_NAMESPACE = run.task.namespace;
  env.CTASK_ATTEMPT = String(run.attempt);
  env.CTASK_SLOT = run.slot;
  if (packageDir === undefined) delete env.CTASK_PACKAGE_DIR;
  else env.CTASK_PACKAGE_DIR = packageDir;
  for (const name of SHARD_VARIABLES) delete env[name];
  Object.assign(env, shardEnvironment(run.task.task.spec, run.slot));
  if (run.toldTime === undefined) delete env.CTASK_SCHEDULED_TIME;
  else env.CTASK_SCHEDULED_TIME = new Date(run.toldTime).toISOString();
  return env;
}

function writeInto(directory: string, name: string, text: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode });
  return path;
}
