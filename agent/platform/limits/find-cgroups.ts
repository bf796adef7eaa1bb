import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../../base/index.js';
import { cgroupMembers, prepareCgroups } from './cgroup.js';

/** The directory for the cgroups of attempts and its controllers, or why there is none. */
export type FoundCgroups =
  | { readonly directory: string; readonly controllers: readonly string[] }
  | { readonly reason: string };

/** What systemd manages itself: nobody else may make groups there, whatever the rights of the directory say. */
const UNIT = /\.(service|scope)$/;
const MANAGED = /\.(service|scope|slice)$/;

/**
 * Finds out whether the group of this process is one that its unit was given to divide: a subgroup of a service or scope, which
 * comes into being only with Delegate= and DelegateSubgroup= (systemd 254). Root may write anywhere, so the right to write
 * says nothing. Groups of attempts then go beside the subgroup, into that of the unit.
 */
export function findCgroups(self = '/proc/self'): FoundCgroups {
  try {
    const own = /^0::(\/.*)$/m.exec(readFileSync(join(self, 'cgroup'), 'utf8'))?.[1];
    const mount = mountOf(readFileSync(join(self, 'mountinfo'), 'utf8'));
    if (own === undefined || mount === undefined) return { reason: 'this machine has no cgroup v2' };
    const unit = dirname(own);
    if (!UNIT.test(unit) || MANAGED.test(own)) {
      return { reason: `the agent is in the cgroup "${own}", which is no subgroup of its unit (DelegateSubgroup=)` };
    }
    const inside = mount.root === '/' ? unit : unit.startsWith(`${mount.root}/`) && unit.slice(mount.root.length);
    if (inside === false) return { reason: `the cgroup "${unit}" is not below the mount of cgroup v2` };
    const directory = join(mount.point, inside);
    if (cgroupMembers(directory).length > 0) return { reason: `${directory} has processes besides ${basename(own)}` };
    const controllers = prepareCgroups(directory);
    if (controllers.length === 0) return { reason: `${directory} has none of the controllers cpu, memory and pids` };
    return { directory, controllers };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** A line of mountinfo, proc(5): … root, mount point, options … - type, source, options. */
function mountOf(text: string): { root: string; point: string } | undefined {
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ').map(unescaped);
    if (after.startsWith('cgroup2 ')) return { root, point };
  }
  return undefined;
}

/** Blanks and backslashes are in octal there. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
