// One whole installation in one process: coordination, database, two centers, three agents, each on a machine of its own.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent } from '../../../agent/index.js';
import { startRunner } from '../../../agent/runner/runner-main.js';
import type { Logger } from '../../../base/index.js';
import { startEmbeddedServer } from '../../../coordination/index.js';
import { Disk } from '../disk/disk.js';
import { mountDisk, unmountAll } from '../disk/registry.js';
import { InvariantError } from '../invariants.js';
import { kernel } from '../kernel.js';
import { resetLocks } from '../replaced/directory-lock.js';
import { resetNet } from '../replaced/net.js';
import { SimulatedCenter } from './center.js';
import { resetEndpoints } from './center-endpoints.js';
import { clockOf } from './clock.js';
import { DatabaseServer } from './database-server.js';
import { logOf, type Say } from './log.js';
import { Machine, resetMachines, type TableEntry } from './machine.js';
import { type Network, startNetwork } from './network.js';
import { Witnesses } from './task-program.js';
import { resetTransactions } from './transactions.js';

export const SESSION_MS = 4000;
export const TICK_MS = 500;
/** A service manager starts a program again this long after it ended by itself. */
const RESTART_MS = 1000;
const COORDINATION = 'zk:2181';

export const AGENTS = ['a1', 'a2', 'a3'] as const;
export const CENTERS = ['c1', 'c2'] as const;

/** A program that is kept running, until it is held down for a while. */
export interface Unit {
  readonly machine: Machine;
  readonly name: string;
  entry: TableEntry | undefined;
  /** Being down on purpose: how many faults want it so. */
  held: number;
  agent?: Agent;
  center?: SimulatedCenter;
  readonly begin: (unit: Unit, entry: TableEntry, log: Logger) => Promise<void>;
}

export class Installation {
  readonly network: Network;
  readonly machines = new Map<string, Machine>();
  readonly disks = new Map<string, Disk>();
  readonly units = new Map<string, Unit>();
  readonly witnesses = new Witnesses();
  private readonly say: Say | undefined;
  private readonly databaseDirectory = mkdtempSync(join(tmpdir(), 'ctask-simulation-'));
  private database: DatabaseServer | undefined;

  constructor(say?: Say) {
    this.say = say;
    resetMachines();
    resetNet();
    resetLocks();
    resetEndpoints();
    resetTransactions((path, by) =>
      kernel().fail(new InvariantError(`X5: ${by} wrote ${path} while another center leads`)),
    );
    unmountAll();
    // As standard input of tasks it is opened and never read; a directory does as well.
    mountDisk('/dev/null', new Disk(kernel().random.fork()));
    this.network = startNetwork();
    for (const name of ['zk', 'db', ...CENTERS, ...AGENTS, 'user']) this.addMachine(name);
    this.addUnits();
  }

  start(): void {
    for (const unit of this.units.values()) this.startUnit(unit);
  }

  unit(name: string): Unit {
    return this.units.get(name)!;
  }

  /** kill -9, and down until the returned function is called. */
  kill(unit: Unit): () => void {
    this.hold(unit);
    if (unit.entry !== undefined) unit.machine.exit(unit.entry, null, 'SIGKILL');
    return () => this.release(unit);
  }

  /** SIGTERM: the agent lets go and ends; its processes live on. */
  restart(unit: Unit): () => void {
    this.hold(unit);
    const { entry, agent, machine } = unit;
    if (entry !== undefined) {
      const end = () => machine.exit(entry, 0);
      kernel().schedule(0.1, entry.process, () => (agent === undefined ? end() : void agent.detach().then(end, end)));
    }
    return () => this.release(unit);
  }

  /** The power of an agent's machine fails; what was not synced is gone. */
  powerCut(unit: Unit): () => void {
    this.hold(unit);
    unit.machine.powerOff();
    unit.entry = undefined;
    this.disks.get(unit.machine.name)?.powerCut(kernel().random);
    return () => this.release(unit);
  }

  async dispose(): Promise<void> {
    this.database?.dispose();
  }

  private addMachine(name: string): void {
    const machine = new Machine(name);
    const disk = new Disk(kernel().random.fork(), clockOf(name).now);
    mountDisk(`/sim/${name}`, disk);
    this.machines.set(name, machine);
    this.disks.set(name, disk);
    this.witnesses.watch(machine);
    machine.programs.set('runner', (_, entry, args) => {
      const log = logOf(`${name}/runner`, this.say);
      const world = { clock: clockOf(name), log, exit: () => machine.exit(entry, 0) };
      startRunner(args, world).catch((error: unknown) => {
        log.error({ err: error }, 'runner ended with an error');
        machine.exit(entry, 1);
      });
    });
    machine.ended.on('exit', (entry: TableEntry) => this.ended(entry));
  }

  private addUnits(): void {
    this.addUnit('zk', 'zk', async (_, __, log) => {
      const clock = clockOf('zk');
      const server = { dataDir: '/sim/zk/data', host: 'zk', port: 2181, tickMs: TICK_MS, clock, log };
      await startEmbeddedServer(server);
    });
    this.addUnit('db', 'db', async (_, { process }) => {
      this.database = new DatabaseServer(process, this.databaseDirectory);
    });
    for (const name of CENTERS) this.addUnit(name, name, (unit, entry, log) => this.beginCenter(unit, entry, log));
    for (const name of AGENTS) this.addUnit(name, name, (unit, entry, log) => this.beginAgent(unit, entry, log));
  }

  private addUnit(name: string, machine: string, begin: Unit['begin']): void {
    this.units.set(name, { machine: this.machines.get(machine)!, name, entry: undefined, held: 0, begin });
  }

  private hold(unit: Unit): void {
    unit.held += 1;
  }

  private release(unit: Unit): void {
    unit.held -= 1;
    this.startUnit(unit);
  }

  private startUnit(unit: Unit): void {
    if (unit.held > 0 || unit.entry !== undefined) return;
    const entry = unit.machine.start(unit.name);
    unit.entry = entry;
    const log = logOf(`${unit.machine.name}/${unit.name}`, this.say);
    kernel().schedule(1, entry.process, () => {
      unit.begin(unit, entry, log).catch((error: unknown) => {
        log.error({ err: error }, 'program ended with an error');
        unit.machine.exit(entry, 1);
      });
    });
  }

  private ended(entry: TableEntry): void {
    for (const unit of this.units.values()) {
      if (unit.entry !== entry) continue;
      unit.entry = undefined;
      if (unit.name === 'db') this.database?.end();
      kernel().schedule(RESTART_MS, undefined, () => this.startUnit(unit));
    }
  }

  private async beginCenter(unit: Unit, entry: TableEntry, log: Logger): Promise<void> {
    const center = new SimulatedCenter(entry.process, {
      ...{ id: unit.name, url: urlOf(unit.name), connectString: COORDINATION, sessionTimeoutMs: SESSION_MS, log },
      failed: () => unit.machine.exit(entry, 1),
    });
    unit.center = center;
    await center.start(new AbortController().signal);
  }

  private async beginAgent(unit: Unit, _entry: TableEntry, log: Logger): Promise<void> {
    const { name } = unit;
    const agent = createAgent({
      ...{ dataDir: `/sim/${name}/data`, name, cluster: 'default', labels: {}, clock: clockOf(name), log },
      center: { urls: CENTERS.map(urlOf), token: () => 'ct' },
      coordination: { connectString: COORDINATION, sessionTimeoutMs: SESSION_MS, root: '/cloudtask' },
      runnerEntry: ['runner'],
    });
    unit.agent = agent;
    await agent.start(new AbortController().signal);
  }
}

export function urlOf(center: string): string {
  return `http://${center}:7070`;
}
