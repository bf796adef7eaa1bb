// One chaos run: quiet, faults, healing, quiet; then the verdict of the checker over what all sources say.
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { program, Running } from '../support/ctask.js';
import { bootTime, readWitnesses } from '../support/witness.js';
import { allocationEvidence } from './allocation-evidence.js';
import { CenterApi } from './center-api.js';
import { check, type Verdict } from './checker.js';
import { collectOutputs } from './collect-outputs.js';
import { course, FAULT_KINDS, type Fault, type FaultKind } from './faults.js';
import type { AgentFault, History, Stretch } from './history.js';
import { agentFault, inflict } from './inflict.js';
import { Operator } from './operator.js';
import { written } from './outputs.js';
import { declarations, manifest } from './population.js';
import { seededRandom } from './random.js';
import { World } from './world.js';
import { readZooKeeperLogs } from './zookeeper-log.js';

export interface ChaosOptions {
  readonly seed: number;
  /** Length of the course of faults, ms. */
  readonly lengthMs: number;
  /** Without faults, before and after: here no allocation may be written. */
  readonly quietMs: number;
  readonly tasks: number;
  readonly agents: number;
  readonly centers: number;
  readonly kinds?: readonly FaultKind[];
  /** Instead of a course at random, and without a user who changes things. */
  readonly faults?: readonly Fault[];
  /** No fault may cause a write to the allocation. */
  readonly stableThroughout?: boolean;
  /** Keep the evidence whatever the verdict. */
  readonly keep?: boolean;
  readonly say: (line: string) => void;
  /** Gives up: `chaos` ends all processes and rejects with the reason. */
  readonly signal?: AbortSignal;
}

export interface ChaosResult extends Verdict {
  readonly faults: Readonly<Record<string, number>>;
  readonly unexpectedExits: readonly string[];
  /** What `ctask audit -A` ended with: the product's own judgement, which must not differ. */
  readonly audit: { readonly code: number; readonly output: string };
  /** Kept when there are findings. */
  readonly directory: string;
}

/** What was allocated and what was caught up before may still be under way. */
const SETTLE_MS = 10_000;
/** After the healing: sessions return, slots without an owner get one, reports arrive. */
const HEAL_MS = 25_000;
/** Everything must be told by then: lostAfter, the audit, and agents that were away. */
const ACCOUNT_MAX_MS = 240_000;
const ACCOUNT_EVERY_MS = 5_000;
/** When for so long nothing more was told, nothing will be. */
const ACCOUNT_STILL_MS = 90_000;
/** Quick enough to be seen, and longer than a stopped agent may still start what it has claimed (`startingDeadline`): after
 * that nothing keeps the next owner from starting, and an overlap would be no finding. And only absences move anything, so
 * that what moves in stable time is one. */
const CLUSTER = { lostAfter: '25s', rebalance: 'Manual' };

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const directory = mkdtempSync(join(tmpdir(), `ctask-chaos-${options.seed}-`));
  const root = process.getuid?.() === 0;
  if (!root) options.say('skipped: agent-disk-full needs root to mount a small disk');
  const world = new World({ directory, agents: options.agents, centers: options.centers, smallDisk: root });
  const run = new ChaosRun(options, world);
  const { signal } = options;
  const interrupted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const verdict = await Promise.race([run.run(), interrupted]).finally(() => world.stop());
  const result = { ...verdict, directory };
  const clean = result.findings.length === 0 && result.audit.code === 0;
  if (clean && options.keep !== true)
    // A program that ends last may still write into what has been listed: this kind looks again.
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  else writeFileSync(join(directory, 'findings.json'), JSON.stringify(result, undefined, 1));
  return result;
}

class ChaosRun {
  private readonly options: ChaosOptions;
  private readonly world: World;
  private readonly boot = bootTime();
  private readonly random: () => number;
  private readonly stable: Stretch[] = [];
  private readonly agentFaults: AgentFault[] = [];
  private readonly counts: Record<string, number> = {};
  private operator!: Operator;
  private api!: CenterApi;
  private began = 0;

  constructor(options: ChaosOptions, world: World) {
    this.options = options;
    this.world = world;
    this.random = seededRandom(options.seed);
  }

  async run(): Promise<Omit<ChaosResult, 'directory'>> {
    const { options, world } = this;
    await world.start();
    this.api = new CenterApi(world.urls, () => world.token());
    this.operator = new Operator({
      insist: (method, path, body) => this.api.insist(method, path, body),
      now: () => Date.now(),
      elapse: (ms, signal) => elapse(ms, undefined, { signal }).catch(() => undefined), // told to stop
      manifest: (declaration, as, suspend) => manifest(declaration, as, world.witness, suspend),
      say: (line) => this.tell(line),
    });
    const cluster = { apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' } };
    await this.api.insist('POST', '/apply', { objects: [{ ...cluster, spec: CLUSTER }] });
    await this.operator.declare(declarations(options.tasks));
    await elapse(SETTLE_MS);
    this.began = Date.now();
    this.tell(
      `${options.tasks} tasks, ${options.agents} agents, ${options.centers} centers, 3 ZooKeeper servers; quiet`,
    );
    const from = Date.now();
    await this.quiet();
    await this.faults();
    await this.operator.settle();
    this.tell('healed');
    await elapse(HEAL_MS);
    await this.quiet();
    if (options.stableThroughout) this.stable.splice(0, this.stable.length, { from, to: Date.now() });
    const window = { from, to: Date.now() - 1000 };
    await this.account(window);
    const verdict = await this.verdict(window);
    const audit = await this.audit();
    return { ...verdict, audit, faults: this.counts, unexpectedExits: world.unexpectedExits };
  }

  private async quiet(): Promise<void> {
    const from = Date.now();
    await elapse(this.options.quietMs);
    this.stable.push({ from, to: Date.now() });
  }

  private async faults(): Promise<void> {
    const { options, world, random } = this;
    const disk = world.agentOfSmallDisk;
    const kinds = (options.kinds ?? FAULT_KINDS)
      .filter((kind) => kind !== 'agent-disk-full' || disk !== undefined)
      .filter((kind) => kind !== 'postgres-restart' || world.postgres !== undefined);
    const faults =
      options.faults ??
      course({
        random,
        kinds,
        lengthMs: options.lengthMs,
        agents: [...world.agents.keys()],
        centers: [...world.centers.keys()],
        ...(disk === undefined ? {} : { smallDisk: disk }),
      });
    const over = new AbortController();
    const user = options.faults === undefined && this.operator.meddle(seededRandom(options.seed + 1), over.signal);
    const start = Date.now();
    const all = faults.map(async (fault) => {
      await elapse(Math.max(0, start + fault.at - Date.now()));
      await this.fault(fault);
    });
    await Promise.all([...all, elapse(options.lengthMs)]);
    over.abort();
    await user;
  }

  private async fault(fault: Fault): Promise<void> {
    this.counts[fault.kind] = (this.counts[fault.kind] ?? 0) + 1;
    this.agentFaults.push(...agentFault(fault, Date.now()));
    const { what, mend } = await inflict(this.world, fault);
    this.tell(`${fault.kind} ${what}${fault.forMs === 0 ? '' : ` for ${(fault.forMs / 1000).toFixed(1)} s`}`);
    await elapse(fault.forMs);
    await mend();
    if (fault.forMs > 0) this.tell(`${fault.kind} ${what} over`);
  }

  /** Looks until every time point is accounted for, or the time for that is over. */
  private async account(window: Stretch): Promise<void> {
    let deadline = Date.now() + ACCOUNT_STILL_MS;
    const last = Date.now() + ACCOUNT_MAX_MS;
    let fewest = Number.POSITIVE_INFINITY;
    for (;;) {
      const { findings } = check(await this.history(window));
      const waiting = findings.filter(({ check }) => ['missing', 'unrecorded-run', 'still-open'].includes(check));
      if (waiting.length < fewest) {
        fewest = waiting.length;
        deadline = Math.min(last, Date.now() + ACCOUNT_STILL_MS);
      }
      if (waiting.length === 0 || Date.now() > deadline) return;
      this.tell(
        `${waiting.length} time points are not accounted for yet, such as ${waiting[0]!.check} ${waiting[0]!.detail}`,
      );
      await elapse(ACCOUNT_EVERY_MS);
    }
  }

  private async verdict(window: Stretch): Promise<Verdict> {
    const history = await this.history(window);
    const outputs = await collectOutputs(this.api, written(history));
    const whole = { ...history, outputs };
    // As text, so that a checker that was mended can judge again.
    const text = JSON.stringify(whole, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    writeFileSync(join(this.world.witness, '..', 'history.json'), text);
    return check(whole);
  }

  private async audit(): Promise<ChaosResult['audit']> {
    const { world } = this;
    const env = { ...process.env, CTASK_SERVER: world.urls[0], CTASK_TOKEN: world.token(), NO_COLOR: '1' };
    const child = spawn(process.execPath, [program, 'audit', '-A', '--since', '2h'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { code, stdout, stderr } = await new Running(child).done;
    return { code: code ?? 1, output: `${stdout}${stderr}` };
  }

  private async history(window: Stretch): Promise<History> {
    const { world } = this;
    const records = await this.api.runs();
    const directories = world.ensemble.servers.map((_, i) => world.ensemble.dataDir(i));
    const evidence = allocationEvidence(readZooKeeperLogs(directories));
    return {
      window,
      tasks: this.operator.declared(evidence.versions),
      ...readWitnesses(world.witness, this.boot),
      records,
      outputs: [],
      ...evidence,
      stable: this.stable,
      agentFaults: this.agentFaults,
    };
  }

  private tell(line: string): void {
    const now = Date.now();
    const since = ((now - this.began) / 1000).toFixed(1).padStart(6);
    this.options.say(`${new Date(now).toISOString().slice(11, 23)} ${this.began === 0 ? '' : `+${since}s `}${line}`);
  }
}
