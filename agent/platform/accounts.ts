// Accounts of a POSIX system by name: from its files, else from whatever else the system asks (LDAP and the like).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Its own group. */
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

const SYSTEM_FILES: AccountFiles = { passwd: '/etc/passwd', group: '/etc/group' };
/** A directory service that does not answer must not hold up the agent for longer. */
const LOOKUP_MS = 2000;

/** Undefined when there is no such account. */
export function findAccount(name: string, files: AccountFiles = SYSTEM_FILES): Account | undefined {
  const line = lineOf(files.passwd, name) ?? (files === SYSTEM_FILES ? getent('passwd', name) : undefined);
  if (line === undefined) return undefined;
  const [, , uid, gid, , home, shell] = line.split(':');
  return { name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh' };
}

/** The gid of a group, undefined when there is none of that name. */
export function findGroup(name: string, files: AccountFiles = SYSTEM_FILES): number | undefined {
  const line = lineOf(files.group, name) ?? (files === SYSTEM_FILES ? getent('group', name) : undefined);
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

/** Gids of the groups that list the account as a member, besides its own. */
export function groupsOf(name: string, files: AccountFiles = SYSTEM_FILES): number[] {
  return linesOf(files.group).flatMap((line) => {
    const [, , gid, members = ''] = line.split(':');
    return members.split(',').includes(name) ? Number(gid) : [];
  });
}

function lineOf(path: string, name: string): string | undefined {
  return linesOf(path).find((line) => line.startsWith(`${name}:`));
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return []; // a system without the file has no accounts in it
  }
}

function getent(database: 'passwd' | 'group', name: string): string | undefined {
  try {
    const text = execFileSync('getent', [database, name], {
      encoding: 'utf8',
      timeout: LOOKUP_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n')[0] || undefined;
  } catch {
    return undefined; // exit code 2: no such entry; or there is no getent
  }
}
