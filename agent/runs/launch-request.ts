// What the runner is asked to start for an attempt.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../platform/index.js';
import type { LaunchRequest } from '../runner/runner.js';
import type { OpenRun } from './open-run.js';

export interface LaunchSettings {
  readonly platform: Platform;
  /** The environment every process gets; read once. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Quota of output on disk per attempt. */
  readonly outputMaxBytes: number;
}

/** `directory` is the attempt's, absolute; it exists. Writes `script` and `stdin` there when the task has them. `monotonic` is
 * the monotonic time. */
export function launchRequest(
  run: OpenRun,
  directory: string,
  settings: LaunchSettings,
  monotonic: number,
): LaunchRequest {
  const { spec } = run.task.task;
  const { policy } = run.task;
  const stdinFile = spec.run.stdin === undefined ? undefined : writeInto(directory, 'stdin', spec.run.stdin);
  return {
    directory,
    argv: argvOf(run, directory, settings.platform),
    env: environmentOf(run, settings.baseEnv),
    workingDir: spec.run.workingDir ?? join(directory, 'work'),
    ...(stdinFile === undefined ? {} : { stdinFile }),
    ...(policy.timeoutMs === undefined ? {} : { timeoutMs: policy.timeoutMs }),
    gracePeriodMs: policy.gracePeriodMs,
    ...(run.startBefore === undefined ? {} : { startBefore: run.startBefore }),
    notBefore: run.startAt,
    ...(run.dueMonotonic === undefined ? {} : { waitMs: Math.max(0, run.dueMonotonic - monotonic) }),
    outputMaxBytes: settings.outputMaxBytes,
  };
}

function argvOf(run: OpenRun, directory: string, platform: Platform): string[] {
  const { command, script, interpreter } = run.task.task.spec.run;
  if (command !== undefined) return [...command, ...run.args];
  const path = writeInto(directory, platform.scriptName, script ?? '', 0o700);
  return [...(interpreter ?? platform.defaultShell()), path, ...run.args];
}

/** Later ones win: the machine's, the task's, the run's own, then what CloudTask itself says, which nobody may forge. */
function environmentOf(run: OpenRun, baseEnv: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = { ...baseEnv };
  for (const { name, value } of run.task.task.spec.run.env ?? []) env[name] = value;
  for (const { name, value } of run.env) env[name] = value;
  env.CTASK_RUN_ID = run.uid;
  env.CTASK_TASK = run.task.name;
  env.CTASK_NAMESPACE = run.task.namespace;
  env.CTASK_ATTEMPT = String(run.attempt);
  env.CTASK_SLOT = run.slot;
  if (run.toldTime === undefined) delete env.CTASK_SCHEDULED_TIME;
  else env.CTASK_SCHEDULED_TIME = new Date(run.toldTime).toISOString();
  return env;
}

function writeInto(directory: string, name: string, text: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode });
  return path;
}
