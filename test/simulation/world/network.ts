// The simulated network between machines: streams of bytes with latency, in order, that can be cut (both ends learn of it),
// or swallowed in one direction or both (nobody learns; what was sent arrives when the network heals, as TCP repeats it).
import { kernel, type SimulatedProcess } from '../kernel.js';

const LATENCY_MIN_MS = 0.1;
const LATENCY_MAX_MS = 1.5;
/** Between processes of one machine. */
const LOCAL_MS = 0.03;

/** One direction of a stream. */
export class Channel {
  private readonly from: SimulatedProcess;
  private readonly to: SimulatedProcess;
  private lastArrival = 0;
  private waiting: (() => void)[] = [];

  constructor(from: SimulatedProcess, to: SimulatedProcess) {
    this.from = from;
    this.to = to;
  }

  /** Calls `arrive` in the receiving process, after everything sent before. */
  send(arrive: () => void): void {
    const network = networkOf();
    if (network.swallows(this.from.machine, this.to.machine)) {
      this.waiting.push(arrive);
      network.onHeal(this.from.machine, this.to.machine, this.flush);
      return;
    }
    this.deliver(arrive);
  }

  private readonly flush = (): void => {
    for (const arrive of this.waiting.splice(0)) this.send(arrive);
  };

  private deliver(arrive: () => void): void {
    const sim = kernel();
    const latency =
      this.from.machine === this.to.machine
        ? LOCAL_MS
        : LATENCY_MIN_MS + networkOf().random.next() * (LATENCY_MAX_MS - LATENCY_MIN_MS);
    const at = Math.max(this.lastArrival, sim.elapsed + latency);
    this.lastArrival = at;
    sim.schedule(at - sim.elapsed, this.to, arrive);
  }
}

export interface Cuttable {
  readonly machines: readonly [string, string];
  readonly processes: readonly [SimulatedProcess, SimulatedProcess];
  /** The connection breaks: each living end hears of it. */
  cut(): void;
}

export class Network {
  readonly random = kernel().random.fork();
  private readonly streams = new Set<Cuttable>();
  private readonly swallowed = new Map<string, Set<() => void>>();

  opened(stream: Cuttable): void {
    this.streams.add(stream);
  }

  closed(stream: Cuttable): void {
    this.streams.delete(stream);
  }

  /** From now on nothing that `from` sends reaches `to`. */
  swallow(from: string, to: string): void {
    const key = `${from}>${to}`;
    if (!this.swallowed.has(key)) this.swallowed.set(key, new Set());
  }

  heal(from: string, to: string): void {
    const key = `${from}>${to}`;
    const waiting = this.swallowed.get(key);
    this.swallowed.delete(key);
    for (const flush of waiting ?? []) flush();
  }

  swallows(from: string, to: string): boolean {
    return this.swallowed.has(`${from}>${to}`);
  }

  onHeal(from: string, to: string, flush: () => void): void {
    this.swallowed.get(`${from}>${to}`)?.add(flush);
  }

  /** Breaks every connection between the two machines. */
  cutBetween(a: string, b: string): void {
    for (const stream of [...this.streams]) {
      if (stream.machines.includes(a) && stream.machines.includes(b)) stream.cut();
    }
  }

  /** A process ended: the other end of each of its connections hears of it, unless the network is silent. */
  processEnded(process: SimulatedProcess): void {
    for (const stream of [...this.streams]) if (stream.processes.includes(process)) stream.cut();
  }
}

let present: Network | undefined;

export function startNetwork(): Network {
  present = new Network();
  return present;
}

export function networkOf(): Network {
  if (present === undefined) throw new Error('no network is simulated');
  return present;
}
