import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pids of the runners of an agent: they outlive it, and their lock files say who they are. */
export function runnerPids(agentDataDir: string): number[] {
  const directory = join(agentDataDir, 'runner');
  if (!existsSync(directory)) return [];
  const locks = readdirSync(directory).filter((entry) => entry.endsWith('.lock'));
  return locks.map((file) => (JSON.parse(readFileSync(join(directory, file), 'utf8')) as { pid: number }).pid);
}

/** SIGKILL to each; what they started lives on. */
export function endRunners(agentDataDir: string): void {
  for (const pid of runnerPids(agentDataDir)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
