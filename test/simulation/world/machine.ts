// A simulated machine: its boot, its process table and its programs. Agents, runners and the processes of tasks all have
// an entry in the table; what the platform code of the agent asks of an operating system is answered from here.
import { EventEmitter } from 'node:events';
import { kernel, type SimulatedProcess } from '../kernel.js';
import { stopListening } from '../replaced/net.js';
import { networkOf } from './network.js';

export interface TableEntry {
  readonly pid: number;
  readonly start: string;
  readonly process: SimulatedProcess;
  /** Environment, for the marks of process trees. */
  readonly environment: ReadonlySet<string>;
  readonly child: SimulatedChild | undefined;
}

/** What a parent holds of a child; as node:child_process gives it. */
export class SimulatedChild extends EventEmitter {
  readonly pid: number | undefined;

  constructor(pid: number | undefined) {
    super();
    this.pid = pid;
  }

  unref(): this {
    return this;
  }
}

/** A program that can be started; gets its process, and ends it by `machine.exit`. */
export type Program = (machine: Machine, entry: TableEntry, args: readonly string[], env: Environment) => void;
export type Environment = Readonly<Record<string, string | undefined>>;

const machines = new Map<string, Machine>();
let nextPid = 100;

export function resetMachines(): void {
  machines.clear();
  nextPid = 100;
}

export function machineNow(): Machine {
  const name = kernel().current?.machine;
  const machine = name === undefined ? undefined : machines.get(name);
  if (machine === undefined) throw new Error('no simulated machine is at work');
  return machine;
}

/** The entry of the process at work. */
export function pidNow(): number {
  return machineNow().pidOf(kernel().current!);
}

export class Machine {
  readonly name: string;
  readonly programs = new Map<string, Program>();
  readonly table = new Map<number, TableEntry>();
  boot = 1;

  constructor(name: string) {
    this.name = name;
    machines.set(name, this);
  }

  get bootId(): string {
    return `${this.name}-boot-${this.boot}`;
  }

  /** A process without a parent in the simulation, e.g. one that a service manager starts. */
  start(name: string, environment: Environment = {}, child?: SimulatedChild): TableEntry {
    const pid = child?.pid ?? nextPid++;
    const entry: TableEntry = {
      pid,
      start: `${kernel().elapsed}`,
      process: kernel().spawn(`${this.name}/${name}`, this.name),
      environment: new Set(Object.entries(environment).map(([key, value]) => `${key}=${value}`)),
      child,
    };
    this.table.set(pid, entry);
    return entry;
  }

  pidOf(process: SimulatedProcess): number {
    for (const entry of this.table.values()) if (entry.process === process) return entry.pid;
    throw new Error(`${process.name} is not in the process table`);
  }

  /** As fork and exec: an unknown program has no pid, and tells why a moment later. */
  spawn(program: string, args: readonly string[], environment: Environment): SimulatedChild {
    const parent = kernel().current!;
    const start = this.programs.get(program);
    if (start === undefined) {
      const child = new SimulatedChild(undefined);
      const error = Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' });
      kernel().schedule(0.1, parent, () => child.emit('error', error));
      return child;
    }
    const child = new SimulatedChild(nextPid++);
    const entry = this.start(program, environment, child);
    this.parents.set(entry.pid, parent);
    kernel().schedule(0.2, entry.process, () => start(this, entry, args, environment));
    return child;
  }

  /** The process is gone, by itself or by a signal; its parent hears of it, its connections break. */
  exit(entry: TableEntry, exitCode: number | null, signal: string | null = null): void {
    if (!this.table.delete(entry.pid)) return;
    kernel().kill(entry.process);
    stopListening(entry.process);
    networkOf().processEnded(entry.process);
    const parent = this.parents.get(entry.pid);
    this.parents.delete(entry.pid);
    this.handlers.delete(entry.pid);
    this.ended.emit('exit', entry);
    if (parent !== undefined) kernel().schedule(0.05, parent, () => entry.child?.emit('exit', exitCode, signal));
  }

  /** Emits 'exit' with the entry of each process that ends, in no process: for those who keep the books. */
  readonly ended = new EventEmitter();

  /** Polite signals reach those who handle them; the others end. */
  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    const entry = this.table.get(pid);
    if (entry === undefined) return;
    const handler = this.handlers.get(pid);
    if (signal === 'SIGTERM' && handler !== undefined) kernel().schedule(0.1, entry.process, handler);
    else this.exit(entry, null, signal);
  }

  onPoliteSignal(entry: TableEntry, handler: () => void): void {
    this.handlers.set(entry.pid, handler);
  }

  /** The power fails: everything on it is gone at once; its connections just fall silent for the others. */
  powerOff(): void {
    for (const entry of [...this.table.values()]) {
      this.table.delete(entry.pid);
      kernel().kill(entry.process);
      stopListening(entry.process);
      this.ended.emit('exit', entry);
    }
    this.parents.clear();
    this.handlers.clear();
    this.boot += 1;
  }

  private readonly parents = new Map<number, SimulatedProcess>();
  private readonly handlers = new Map<number, () => void>();
}
