// As whom a task's processes run, and whether this agent may start them so.
import { chmodSync, chownSync, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../base/index.js';
import type { TaskSpec } from '../../manifests/index.js';
import { type Account, findAccount, findGroup, groupsOf } from '../platform/index.js';
import type { RunAs } from '../runner/runner.js';

/** Accounts are looked up again after this: they change seldom, and a herd must not ask a directory service for each start. */
const KEPT_MS = 60_000;
/** An attempt's directory, its bucket, `attempts` and the data directory: those that this agent made. */
const OWN_LEVELS = 4;

/** What a process needs to run as somebody else. */
export interface Identity {
  readonly account: Account;
  readonly runAs: RunAs;
}

interface Entry {
  readonly user: string;
  readonly group?: string;
}

/** A sentence for people, shown as the reason of StartFailed. */
export class RunAsError extends Error {
  readonly code = 'RunAs';
}

/** `user` or `user:group`. Undefined for anything else. */
export function parseRunAs(text: string): Entry | undefined {
  const [, user, group] = /^([\w.-]+)(?::([\w.-]+))?$/.exec(text) ?? [];
  if (user === undefined) return undefined;
  return group === undefined ? { user } : { user, group };
}

export class RunAsPolicy {
  private readonly allowed: readonly string[];
  private readonly clock: Clock;
  private readonly known = new Map<string, { identity: Identity; until: number }>();

  /** `allowed`: `user` for the account with its own group, `user:group` for it with another one. */
  constructor(allowed: readonly string[], clock: Clock) {
    this.allowed = allowed;
    this.clock = clock;
  }

  /** Undefined when the task asks for nobody. Throws RunAsError when this agent may not, or cannot, start it so. */
  identityFor({ user, group }: Pick<TaskSpec['run'], 'user' | 'group'>): Identity | undefined {
    if (user === undefined) return undefined; // a group without a user is refused with the manifest
    const wanted = group === undefined ? user : `${user}:${group}`;
    if (!this.allowed.includes(wanted)) {
      const list = this.allowed.length === 0 ? 'its own user only' : this.allowed.join(', ');
      throw new RunAsError(
        `this agent may not run tasks as "${wanted}"; it may as: ${list} (ctask agent --run-as ${wanted})`,
      );
    }
    if (process.getuid?.() !== 0)
      throw new RunAsError('only an agent that runs as root can run tasks as somebody else');
    const known = this.known.get(wanted);
    if (known !== undefined && known.until > this.clock.monotonic()) return known.identity;
    const identity = lookUp(user, group);
    this.known.set(wanted, { identity, until: this.clock.monotonic() + KEPT_MS });
    return identity;
  }
}

function lookUp(user: string, group: string | undefined): Identity {
  const account = findAccount(user);
  if (account === undefined) throw new RunAsError(`there is no account "${user}" on this machine`);
  const gid = group === undefined ? account.gid : findGroup(group);
  if (gid === undefined) throw new RunAsError(`there is no group "${group}" on this machine`);
  const others = groupsOf(user).filter((each) => each !== gid);
  if (account.gid !== gid) others.unshift(account.gid);
  return { account, runAs: { uid: account.uid, gid, ...(others.length === 0 ? {} : { groups: others }) } };
}

/**
 * Gives the files of the attempt to whom they are for: the working directory and what the process reads. The directories above
 * stay the agent's; others may pass through them (0711) and see nothing. Throws RunAsError when they could not get there.
 */
export function handOver(directory: string, files: readonly string[], { account, runAs }: Identity): void {
  let path = directory;
  for (let level = 0; level < OWN_LEVELS; level++, path = dirname(path)) chmodIfShut(path);
  for (; ; path = dirname(path)) {
    if (!mayPass(path, runAs)) {
      throw new RunAsError(
        `user "${account.name}" may not pass "${path}", below which the agent keeps its data; give the agent another --data-dir`,
      );
    }
    if (path === dirname(path)) break;
  }
  for (const name of ['work', ...files]) {
    const own = join(directory, name);
    if (lstatSync(own).isSymbolicLink()) throw new RunAsError(`"${own}" is a symbolic link`);
    chownSync(own, runAs.uid, runAs.gid);
  }
}

function chmodIfShut(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o011) !== 0o011) chmodSync(path, (mode & 0o777) | 0o011);
}

function mayPass(path: string, { uid, gid, groups = [] }: RunAs): boolean {
  const { mode, uid: owner, gid: group } = statSync(path);
  if (uid === 0) return true;
  if (owner === uid) return (mode & 0o100) !== 0;
  if (group === gid || groups.includes(group)) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
