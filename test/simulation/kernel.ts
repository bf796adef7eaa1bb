// The simulated world's time and order. Everything that happens in a simulation is an event of the kernel: it belongs to
// one process (or to the world), happens at one instant, and all that follows from it without waiting (promises) is done
// before the next event. One seed therefore always gives one history.
import { Random } from './random.js';

/** True time at the start of every simulation, ms: clocks of machines are off from it by what their operator did. */
export const EPOCH_MS = Date.UTC(2026, 0, 5, 10, 0, 0);

/** A process of one machine. Modes: running ⇄ stopped (SIGSTOP) → dead (final). */
export interface SimulatedProcess {
  readonly name: string;
  readonly machine: string;
  mode: 'running' | 'stopped' | 'dead';
  /** Events that came while it was stopped, in order. */
  readonly held: Event[];
}

export interface Event {
  /** True time, ms since the start; fractions are allowed. */
  readonly at: number;
  readonly sequence: number;
  readonly process: SimulatedProcess | undefined;
  run: (() => void) | undefined;
}

/** Node's own, by which the kernel waits between two events: that of the product is an event itself (replaced/globals.ts). */
const realSetImmediate = globalThis.setImmediate;

let active: Kernel | undefined;

/** The kernel of the simulation that runs. There is one at a time. */
export function kernel(): Kernel {
  if (active === undefined) throw new Error('no simulation runs');
  return active;
}

export class Kernel {
  readonly random: Random;
  /** Offset of each machine's wall clock from true time, ms. */
  readonly clockOffsets = new Map<string, number>();
  /** Counts events, so that two runs of one seed can be compared. */
  events = 0;
  private readonly heap: Event[] = [];
  private sequence = 0;
  private time = 0;
  private running: SimulatedProcess | undefined;
  private failure: unknown;

  constructor(seed: number) {
    this.random = new Random(seed);
    active = this;
  }

  /** True time since the start, ms. */
  get elapsed(): number {
    return this.time;
  }

  /** True time, ms since the Unix epoch. */
  get now(): number {
    return EPOCH_MS + this.time;
  }

  /** Whose event is being carried out. */
  get current(): SimulatedProcess | undefined {
    return this.running;
  }

  spawn(name: string, machine: string): SimulatedProcess {
    return { name, machine, mode: 'running', held: [] };
  }

  /** Runs `fn` as `process` after `delayMs` of true time. Events of one instant happen in the order they were made. */
  schedule(delayMs: number, process: SimulatedProcess | undefined, fn: () => void): Event {
    const event: Event = { at: this.time + Math.max(0, delayMs), sequence: this.sequence++, process, run: fn };
    push(this.heap, event);
    return event;
  }

  /** As the process whose event is being carried out. */
  after(delayMs: number, fn: () => void): Event {
    return this.schedule(delayMs, this.running, fn);
  }

  cancel(event: Event | undefined): void {
    if (event !== undefined) event.run = undefined;
  }

  /** Resolves after `delayMs`, within the present process. */
  delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** kill -9: nothing of it ever happens any more. */
  kill(process: SimulatedProcess): void {
    process.mode = 'dead';
    process.held.length = 0;
  }

  stop(process: SimulatedProcess): void {
    if (process.mode === 'running') process.mode = 'stopped';
  }

  resume(process: SimulatedProcess): void {
    if (process.mode !== 'stopped') return;
    process.mode = 'running';
    for (const event of process.held.splice(0)) if (event.run !== undefined) this.again(event);
  }

  /** A defect of the simulation or of the product that nobody caught: ends the run. */
  fail(error: unknown): void {
    this.failure ??= error;
  }

  /** Carries out events until true time reaches `untilMs` or `done` says so. `after` is called after each. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
    const off = catchUnhandled((error) => this.fail(error));
    try {
      for (;;) {
        const next = this.heap[0];
        if (next === undefined || next.at > untilMs || done()) break;
        pop(this.heap);
        if (next.run === undefined) continue;
        this.time = Math.max(this.time, next.at);
        await this.carryOut(next);
        if (this.failure !== undefined) throw this.failure;
      }
      this.time = Math.max(this.time, Math.min(untilMs, this.heap[0]?.at ?? untilMs));
    } finally {
      off();
    }
  }

  private async carryOut(event: Event): Promise<void> {
    const { process } = event;
    if (process?.mode === 'dead') return;
    if (process?.mode === 'stopped') {
      process.held.push(event);
      return;
    }
    this.running = process;
    this.events += 1;
    try {
      event.run?.();
    } catch (error) {
      this.fail(error);
    }
    // Promises and ticks are done when Node comes back to its loop.
    await new Promise<void>((resolve) => realSetImmediate(resolve));
    this.running = undefined;
  }

  private again(event: Event): void {
    push(this.heap, { at: this.time, sequence: this.sequence++, process: event.process, run: event.run });
    event.run = undefined;
  }
}

function catchUnhandled(report: (error: unknown) => void): () => void {
  process.on('unhandledRejection', report);
  process.on('uncaughtException', report);
  return () => {
    process.off('unhandledRejection', report);
    process.off('uncaughtException', report);
  };
}

function before(a: Event, b: Event): boolean {
  return a.at === b.at ? a.sequence < b.sequence : a.at < b.at;
}

function push(heap: Event[], event: Event): void {
  let index = heap.push(event) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(event, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
}
