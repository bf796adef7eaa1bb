// Some properties of a process can only be set by a program that then becomes the one that was asked for.
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { LaunchRequest, RunAs } from './runner.js';

/** Enters the cgroup, whose file of pids is $0, as itself (0); all that it starts is born there. */
const ENTER = ['/bin/sh', '-c', 'echo 0 > "$0" && exec "$@"'];
/** Variables that tell loader, C library or shell what to load or run (glibc's unsecure_envvars, and those of sh). What still is
 * root must not have them from a task that is to be somebody else. */
const UNSAFE =
  /^(LD_.*|DYLD_.*|GLIBC_TUNABLES|GCONV_PATH|GETCONF_DIR|HOSTALIASES|LOCALDOMAIN|LOCPATH|MALLOC_.*|NIS_PATH|NLSPATH|RESOLV_HOST_CONF|RES_OPTIONS|TMPDIR|TZDIR|ENV|BASH_.*|BASHOPTS|SHELLOPTS|PS4|IFS)$/;
const DIRECTORIES = ['/usr/bin', '/bin'];

export interface Wrapped {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The process becomes the user by itself; else whoever starts it has to see to that. */
  readonly becomesUser: boolean;
}

/** The command line to start, in this order: into the cgroup and under limits while it may, then the user, then the program.
 * Throws as spawn would when the program is not there: a wrapper would start and then fail. */
export function wrapped(request: LaunchRequest, cgroup: string | undefined): Wrapped {
  const { runAs } = request;
  const before = [...(cgroup === undefined ? [] : [...ENTER, join(cgroup, 'cgroup.procs')]), ...prlimit(request)];
  const becomesUser = runAs !== undefined && (runAs.groups !== undefined || before.length > 0);
  if (before.length > 0 || becomesUser) requireProgram(request);
  const { argv, env } = request;
  if (!becomesUser) return { argv: [...before, ...argv], env, becomesUser };
  const names = Object.keys(env);
  const safe = Object.fromEntries(Object.entries(env).filter(([name]) => !UNSAFE.test(name)));
  const later = names.filter((name) => UNSAFE.test(name)).map((name) => `${name}=${env[name]}`);
  const giveBack = later.length === 0 ? [] : [utility('env') ?? 'env', ...later];
  return { argv: [...before, ...setpriv(runAs), ...giveBack, ...argv], env: safe, becomesUser };
}

/** The kernel counts processes per user: only where a user of its own runs the task does that count mean the task. */
function prlimit({ limits, runAs }: LaunchRequest): string[] {
  const nproc = runAs === undefined || runAs.uid === 0 ? undefined : limits?.pids;
  const options = Object.entries({ nofile: limits?.openFiles, fsize: limits?.fileSizeBytes, nproc }).flatMap(
    ([name, value]) => (value === undefined ? [] : `--${name}=${value}:${value}`),
  );
  if (options.length === 0) return [];
  const program = utility('prlimit');
  if (program !== undefined) return [program, ...options, '--'];
  // Of processes there are looks; of files nobody else takes care.
  if (limits?.openFiles === undefined && limits?.fileSizeBytes === undefined) return [];
  throw failure('Limits', 'openFiles and fileSize cannot be limited: prlimit of util-linux is not there');
}

/** Node's own way empties the list of groups. */
function setpriv({ uid, gid, groups = [] }: RunAs): string[] {
  const program = utility('setpriv');
  if (program === undefined) throw failure('RunAs', 'the user cannot be set: setpriv of util-linux is not there');
  const list = groups.length === 0 ? '--clear-groups' : `--groups=${[gid, ...groups].join(',')}`;
  return [program, `--reuid=${uid}`, `--regid=${gid}`, list, '--'];
}

function requireProgram({ argv, env, workingDir }: LaunchRequest): void {
  const [name = ''] = argv;
  const places = name.includes('/')
    ? [isAbsolute(name) ? name : resolve(workingDir, name)]
    : (env.PATH ?? '').split(':').map((directory) => join(resolve(workingDir, directory), name));
  if (!places.some(isProgram)) throw failure('ENOENT', `spawn ${name} ENOENT`);
}

const utility = (name: string) => DIRECTORIES.map((directory) => join(directory, name)).find(isProgram);

const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not for us
  }
}
