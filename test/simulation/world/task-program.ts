// The program that simulated tasks run, and the witnesses of it: every start and end, by true time, whatever CloudTask
// believes. What they say is what the checker of test/chaos reads.
import type { WitnessEnd, WitnessStart } from '../../chaos/history.js';
import type { Declaration } from '../../chaos/population.js';
import { kernel } from '../kernel.js';
import type { Environment, Machine, TableEntry } from './machine.js';

/** How long the shortest task works. */
const QUICK_MS = 4;
/** From a polite signal to the end. */
const STOP_MS = 20;

export class Witnesses {
  readonly starts: WitnessStart[] = [];
  readonly ends: WitnessEnd[] = [];
  /** Processes that are alive, by pid. */
  readonly alive = new Map<number, WitnessStart>();
  onStart: (start: WitnessStart) => void = () => undefined;

  /** To be told of the machines that tasks may run on. */
  watch(machine: Machine): void {
    machine.programs.set('task', (_, entry, args, env) => this.work(machine, entry, args, env));
    machine.ended.on('exit', ({ pid }: TableEntry) => void this.alive.delete(pid));
  }

  private work(machine: Machine, entry: TableEntry, args: readonly string[], env: Environment): void {
    const { CTASK_RUN_ID: run = '', CTASK_SCHEDULED_TIME: point = '', CTASK_ATTEMPT: attempt = '0' } = env;
    const common = { run, attempt: Number(attempt), pid: entry.pid };
    const start = {
      ...common,
      ...{ task: env.WITNESS_AS ?? '', point: Date.parse(point), agent: machine.name, time: kernel().now },
    };
    this.starts.push(start);
    this.alive.set(entry.pid, start);
    this.onStart(start);
    const end = (exitCode: number) => {
      this.ends.push({ ...common, time: kernel().now, exitCode });
      machine.exit(entry, exitCode);
    };
    const [lengthMs = '0', failing = ''] = args;
    const exitCode = failing.split(',').includes(attempt) ? 3 : 0;
    kernel().after(Number(lengthMs), () => end(exitCode));
    // A shell that is told to end says so itself, with a status that is no success.
    machine.onPoliteSignal(entry, () => void kernel().after(STOP_MS, () => machine.exit(entry, null, 'SIGTERM')));
  }
}

/** The manifest of a chaos task, with the simulated program instead of a shell script. */
export function simulatedManifest(base: unknown, { work, retries }: Declaration, as: string): unknown {
  const seconds = /^sleep ([\d.]+)$/.exec(work)?.[1];
  const lengthMs = seconds === undefined ? QUICK_MS : Number(seconds) * 1000;
  const manifest = base as { spec: { run: unknown } };
  return {
    ...manifest,
    spec: {
      ...manifest.spec,
      run: {
        command: ['task', String(lengthMs), retries > 0 ? '1' : ''],
        env: [{ name: 'WITNESS_AS', value: as }],
      },
    },
  };
}
