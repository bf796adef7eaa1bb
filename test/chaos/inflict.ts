// Does faults to a world. Each begins at once and returns what ends it.
import { runnerPids } from '../support/end-runners.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import type { Ensemble } from '../support/zookeeper-ensemble.js';
import type { Fault, FaultKind } from './faults.js';
import type { AgentFault } from './history.js';
import type { Node, World } from './world.js';

type Mend = () => void | Promise<void>;

/** What was hit in the end, for the line that tells of it. */
export interface Inflicted {
  readonly what: string;
  readonly mend: Mend;
}

export async function inflict(world: World, fault: Fault): Promise<Inflicted> {
  if (fault.target === 'zookeeper') return hitZooKeeper(world, fault.kind);
  if (fault.target === 'postgres') return { what: 'server', mend: stopPostgres(world) };
  const node = world.agents.get(fault.target) ?? world.centers.get(fault.target);
  if (node === undefined) throw new Error(`nobody is called ${fault.target}`);
  return { what: fault.target, mend: await hit(world, node, fault.kind) };
}

async function hit(world: World, { member, toZooKeeper, toCenter, dataDir }: Node, kind: FaultKind): Promise<Mend> {
  switch (kind) {
    case 'agent-kill':
    case 'center-kill':
      await member.end('SIGKILL');
      return () => member.start();
    case 'agent-restart':
      await member.end('SIGTERM');
      return () => member.start();
    case 'agent-pause':
    case 'center-pause':
      member.signal('SIGSTOP');
      return () => member.signal('SIGCONT');
    case 'agent-zookeeper-cut':
      for (const proxy of toZooKeeper) proxy.cut();
      return () => undefined;
    case 'agent-zookeeper-black-hole':
    case 'center-zookeeper-black-hole':
      return blackHole(toZooKeeper);
    case 'agent-center-black-hole':
      return blackHole(toCenter);
    case 'agent-zookeeper-replies-lost':
      for (const proxy of toZooKeeper) proxy.drop('toClient', true);
      return () => {
        for (const proxy of toZooKeeper) proxy.drop('toClient', false);
        cut(toZooKeeper);
      };
    case 'agent-disk-full':
      return world.fillDisk();
    case 'runner-kill':
      for (const pid of runnerPids(dataDir)) kill(pid);
      return () => undefined;
    default:
      throw new Error(`${kind} is not for one process`);
  }
}

/** Bytes were lost on the way: as on a real network, a connection from before cannot go on after. */
function blackHole(proxies: readonly TcpProxy[]): Mend {
  for (const proxy of proxies) proxy.blackHole(true);
  return () => {
    for (const proxy of proxies) proxy.blackHole(false);
    cut(proxies);
  };
}

function cut(proxies: readonly TcpProxy[]): void {
  for (const proxy of proxies) proxy.cut();
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had nothing to do and has ended.
  }
}

async function hitZooKeeper({ ensemble }: World, kind: FaultKind): Promise<Inflicted> {
  if (kind === 'zookeeper-rolling-restart') {
    return { what: 'server 1, 2, 3', mend: () => rollingRestart(ensemble) };
  }
  const leader = await ensemble.leader();
  const others = ensemble.servers.map((_, i) => i).filter((i) => i !== leader);
  const index = kind === 'zookeeper-follower-pause' ? others[0]! : (leader ?? 0);
  const what = `server ${index + 1}${index === leader ? ' (leader)' : ''}`;
  const server = ensemble.servers[index]!;
  if (kind === 'zookeeper-kill') {
    await server.kill();
    return { what, mend: () => ensemble.startServer(index) };
  }
  server.pause();
  return { what, mend: () => server.resume() };
}

/** As after a crash; it comes back when mended. */
function stopPostgres({ postgres }: World): Mend {
  let mend: () => void = () => undefined;
  const down = new Promise<void>((resolve) => {
    mend = resolve;
  });
  const back = postgres?.restart(() => down);
  return async () => {
    mend();
    await back;
  };
}

/** As an upgrade does it: the next one only when the one before serves again. */
async function rollingRestart(ensemble: Ensemble): Promise<void> {
  for (const [index, server] of ensemble.servers.entries()) {
    await server!.stop();
    await ensemble.startServer(index);
  }
}

/** Faults after which an agent's tasks should move, if they last. */
export function silences(kind: FaultKind): boolean {
  return kind === 'agent-kill' || kind === 'agent-pause' || kind === 'agent-zookeeper-black-hole';
}

export function agentFault(fault: Fault, at: number): AgentFault[] {
  return silences(fault.kind) ? [{ agent: fault.target, at }] : [];
}
