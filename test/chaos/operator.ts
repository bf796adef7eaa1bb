// The user of a chaos run: declares the tasks, and later edits, suspends, resumes, deletes and makes anew, at random. It
// remembers what it asked for and when, which is all the checker needs to know what was due.
import type { Acknowledged } from './center-api.js';
import type { Change, DeclaredTask, Phase, RecordVersion } from './history.js';
import { type Declaration, LATEST_START_MS } from './population.js';
import { between, pick } from './random.js';

interface Asked {
  readonly invoked: number;
  /** Generation that the center gave it; what the trigger record must say for it to count. */
  readonly generation: number;
  /** Of a creation, which counts from the moment it is stored. */
  readonly acknowledged?: number;
}

/** Whether it is, or until which wall time, ms. */
export type Suspended = boolean | number;

/** A task as declared, under one uid. */
interface Kept {
  readonly id: string;
  readonly uid: string;
  declaration: Declaration;
  readonly phases: (Asked & { readonly declaration: Declaration; readonly suspended: Suspended })[];
  deleted?: { readonly invoked: number };
}

interface StoredTask {
  readonly metadata: { readonly uid: string; readonly generation: number };
}

/** Shorter and longer than a claim may run ahead: of the longer ones the middle is beyond doubt. */
const SUSPENDED_FOR_S = [3, 30] as const;

const PAUSE_BETWEEN_MS = [2_000, 10_000] as const;

/** What the user works with: the API, the time, and the manifests of the tasks; `as` is who their processes say they are. */
export interface OperatorWorld {
  insist<T>(method: string, path: string, body?: unknown): Promise<Acknowledged<T>>;
  /** Wall time, ms. */
  now(): number;
  /** Resolves after `ms`, or when told to stop. */
  elapse(ms: number, signal: AbortSignal): Promise<void>;
  manifest(declaration: Declaration, as: string, suspended: Suspended): unknown;
  say(line: string): void;
}

export class Operator {
  private readonly world: OperatorWorld;
  private readonly kept: Kept[] = [];

  constructor(world: OperatorWorld) {
    this.world = world;
  }

  async declare(declarations: readonly Declaration[]): Promise<void> {
    await Promise.all(declarations.map((declaration) => this.create(declaration, 1)));
  }

  get names(): string[] {
    return this.kept.map(({ declaration }) => declaration.name);
  }

  /** Changes something every few seconds until told to stop; what was begun is finished. */
  async meddle(random: () => number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.world.elapse(between(random, ...PAUSE_BETWEEN_MS), signal);
      if (signal.aborted) return;
      await this.change(random);
    }
  }

  /** All that is suspended is resumed, so that the end is like the beginning. */
  async settle(): Promise<void> {
    for (const task of this.present())
      if (this.holds(task.phases.at(-1)!.suspended)) await this.apply(task, task.declaration, false);
  }

  private present(): Kept[] {
    return this.kept.filter(({ deleted }) => deleted === undefined);
  }

  private async change(random: () => number): Promise<void> {
    const task = pick(random, this.present());
    const { declaration } = task;
    const { suspended } = task.phases.at(-1)!;
    const kind = this.holds(suspended)
      ? pick(random, typeof suspended === 'number' ? (['resume', 'wait'] as const) : (['resume'] as const))
      : pick(random, ['suspend', 'suspend until', 'edit', 'edit', 'edit', 'delete'] as const);
    this.world.say(`user: ${kind} ${task.id}`);
    if (kind === 'delete') {
      task.deleted = { invoked: this.world.now() };
      await this.world.insist('DELETE', `/namespaces/default/tasks/${declaration.name}`);
      await this.create(declaration, Number(task.id.split('#')[1]) + 1);
    } else if (kind === 'edit') {
      const seconds = between(random, 1, 10);
      const rule = random() < 0.5 ? { everyMs: seconds * 1000 } : { secondsStep: seconds };
      await this.apply(task, { ...declaration, rule }, false);
    } else if (kind === 'suspend until') {
      // On the second, where time points are.
      const until = (Math.ceil(this.world.now() / 1000) + between(random, ...SUSPENDED_FOR_S)) * 1000;
      await this.apply(task, declaration, until);
    } else if (kind !== 'wait') await this.apply(task, declaration, kind === 'suspend');
  }

  private holds(suspended: Suspended): boolean {
    return typeof suspended === 'number' ? this.world.now() < suspended : suspended;
  }

  private async create(declaration: Declaration, life: number): Promise<void> {
    const id = `${declaration.name}#${life}`;
    const body = { objects: [this.world.manifest(declaration, id, false)] };
    const reply = await this.world.insist<{ results: { object: StoredTask }[] }>('POST', '/apply', body);
    const { uid, generation } = reply.answer.results[0]!.object.metadata;
    const { invoked, acknowledged } = reply;
    this.kept.push({
      id,
      uid,
      declaration,
      phases: [{ invoked, acknowledged, generation, declaration, suspended: false }],
    });
  }

  private async apply(task: Kept, declaration: Declaration, suspended: Suspended): Promise<void> {
    const body = { objects: [this.world.manifest(declaration, task.id, suspended)] };
    const { answer, invoked } = await this.world.insist<{ results: { object: StoredTask }[] }>('POST', '/apply', body);
    const { generation } = answer.results[0]!.object.metadata;
    // By chance the same as before: nothing was changed.
    if (generation === task.phases.at(-1)!.generation) return;
    task.declaration = declaration;
    task.phases.push({ invoked, generation, declaration, suspended });
  }

  /** What was in force when: asked for here, effective by the versions of the trigger records. */
  declared(versions: readonly RecordVersion[]): DeclaredTask[] {
    return this.kept.map((task) => {
      const mine = versions.filter(({ taskUid }) => taskUid === task.uid);
      const { declaration } = task;
      return {
        ...{ id: task.id, name: declaration.name, uid: task.uid },
        ...{ concurrency: declaration.concurrency, retries: declaration.retries, latestStartMs: LATEST_START_MS },
        phases: task.phases.flatMap((phase, i): Phase[] => {
          const { rule } = phase.declaration;
          const own = { ...inForce(phase, mine), rule, suspended: phase.suspended !== false };
          const until = phase.suspended;
          const replaced = (task.phases[i + 1] ?? task.deleted)?.invoked ?? Number.POSITIVE_INFINITY;
          if (typeof until !== 'number' || until >= replaced) return [own];
          return [own, { ...ended(own, until), rule, suspended: false }];
        }),
        ...(task.deleted === undefined ? {} : { deleted: end(task.deleted, mine) }),
      };
    });
  }
}

/** The record says so at the first version of that generation or a later one. */
function inForce({ invoked, generation, acknowledged }: Asked, versions: readonly RecordVersion[]): Change {
  if (acknowledged !== undefined) return { invoked, effective: acknowledged };
  const version = versions.find(({ leaderPart }) => revisionOf(leaderPart) >= generation);
  // The new schedules count from the cursor on: a time point that was claimed ahead by the old ones stands.
  return {
    invoked,
    effective: version === undefined ? Number.POSITIVE_INFINITY : Math.max(version.time, version.cursor),
  };
}

/** The end of a suspension needs nobody's word; unless the suspension itself came into force only afterwards. */
function ended({ effective }: Change, until: number): Pick<Phase, 'invoked' | 'effective' | 'byItself'> {
  return effective < until ? { invoked: until, effective: until, byItself: true } : { invoked: until, effective };
}

/** The leader's last word about a deleted task takes its owner away. */
function end({ invoked }: { invoked: number }, versions: readonly RecordVersion[]): Change {
  const version = versions.find(({ time, owner }) => time >= invoked - 1 && owner === null);
  return { invoked, effective: version?.time ?? Number.POSITIVE_INFINITY };
}

function revisionOf(leaderPart: string): number {
  return (JSON.parse(leaderPart) as { revision: number }).revision;
}
