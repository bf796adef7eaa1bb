// The restore guard (rule R13), at the beginning of each term and before anything else of it: was one of the two places
// restored from a backup? Then the term goes on only when what fires again knows what has fired before.
//
//   ZooKeeper restored   records that are missing are made, cursors put to what the store knows; the guard node says `raising`:
//                        nothing is claimed, agents raise what they know and answer; the guard is opened
//   store restored       versions and generations of before are not given out again; runs of before are recorded as Lost
//
// Every step may be done twice: a leader that dies on the way leaves it all to the next one.
import { messageOf, newUid } from '../../../base/index.js';
import { catchUpEpoch, type Guard, guardWrite, type MembersInformer, readGuard } from '../../../coordination/index.js';
import type { Leadership } from '../leadership.js';
import { announceRestore } from './announce-restore.js';
import { type Answers, AskedAgents } from './asked-agents.js';
import { type BothCheckpoints, Checkpoints } from './checkpoints.js';
import { compareCheckpoints } from './compare-checkpoints.js';
import { raiseRecords } from './raise-records.js';
import { settleRestoredStore } from './restored-store.js';

/** A claim runs ahead of its time point by at most so much (rule R4): what was claimed before the restore is not due later. */
const CLAIM_LEAD_MAX_MS = 10_000;

export class RestoreGuard {
  readonly checkpoints: Checkpoints;
  private readonly leadership: Leadership;
  private readonly members: MembersInformer;

  constructor(leadership: Leadership, members: MembersInformer) {
    this.leadership = leadership;
    this.members = members;
    this.checkpoints = new Checkpoints(leadership);
  }

  /**
   * Raises the epoch of the store. ZooKeeper hands out epochs first, so one that is behind the store was restored: it is
   * brought up to the store, and this term is given up for one with an epoch of its own.
   */
  async raiseEpoch(): Promise<void> {
    const { store, epoch, coordinator, layout, log } = this.leadership;
    const { version: now = 0 } = (await coordinator.exists(layout.epoch)) ?? {};
    const seen = await store.restores.epoch();
    if (now === epoch && seen > epoch) {
      log.error({ seen }, 'the store has seen later epochs than coordination: coordination was restored from a backup');
      await catchUpEpoch(coordinator, layout, seen);
    }
    await store.raiseEpoch(epoch);
  }

  /** Resolves when this term may begin. Rejects when a step failed: the next term does it again. */
  async pass(): Promise<void> {
    const { coordinator, layout, log } = this.leadership;
    const seen = await this.checkpoints.read();
    const restored = compareCheckpoints(seen.store, seen.coordination?.value);
    const guard = (await readGuard(coordinator, layout))?.value;
    if (restored.store) await this.settleStore(seen);
    if (restored.coordination || guard?.state === 'raising' || this.isDoubted(guard)) {
      log.error(
        { checkpoint: seen.coordination?.value.number ?? 0, storeCheckpoint: seen.store?.number ?? 0 },
        'coordination was restored from a backup',
      );
      await this.settleCoordination(seen, restored.store);
    } else await this.checkpoints.move(seen);
  }

  /** Why this term must make way for one that deals with a restore; undefined when all is well. Moves the checkpoint. */
  async look(): Promise<string | undefined> {
    const { coordinator, layout } = this.leadership;
    const seen = await this.checkpoints.read();
    const restored = compareCheckpoints(seen.store, seen.coordination?.value);
    if (restored.coordination || restored.store) return 'checkpoints do not agree: a backup was restored';
    if (this.isDoubted((await readGuard(coordinator, layout))?.value)) return 'an agent doubts coordination';
    await this.checkpoints.move(seen);
    return undefined;
  }

  /** An agent says that it has seen more than there is now, and nobody has dealt with that since. */
  private isDoubted(guard: Guard | undefined): boolean {
    const dealtWith = guard?.restores ?? 0;
    return [...this.members.members.values()].some(({ registration }) => (registration.doubts ?? -1) >= dealtWith);
  }

  /**
   * When both places were restored, or coordination has begun anew, they do not tell that of the store; agents that have seen
   * a later checkpoint than the store knows do.
   */
  private wasStoreRestored({ store: book }: BothCheckpoints): boolean {
    const latest = (book?.number ?? 0) + 1;
    return [...this.members.members.values()].some(({ registration }) => (registration.remembers ?? 0) > latest);
  }

  private async settleStore({ store: book, coordination }: BothCheckpoints): Promise<void> {
    const { clock, store, fence, log } = this.leadership;
    const backTo = book?.time ?? 0;
    log.error({ backTo, checkpoint: coordination?.value.number }, 'the store was restored from a backup');
    // A record that is missing may be one of a task that was deleted since the backup: nobody knows what it ran until then.
    await raiseRecords(this.leadership, { floorOf: () => 0, missingFrom: clock.now(), forgottenUpTo: 0 });
    const seen = Math.max(coordination?.value.resourceVersion ?? 0, store.resourceVersion);
    const runs = await settleRestoredStore(this.leadership, seen, backTo);
    await store.restores.note({ what: 'store', backTo, until: clock.now() }, fence);
    const message = `the store was restored from a backup of about ${new Date(backTo).toISOString()}: what was recorded since is lost; ${runs} runs that were open then are recorded as Lost`;
    await announceRestore(this.leadership, 'StoreRestored', message);
  }

  private async settleCoordination(seen: BothCheckpoints, storeIsSettled: boolean): Promise<void> {
    const { store, fence, clock, coordinator, layout, epoch, log } = this.leadership;
    // What `ctask restore` wrote is younger than the backup that it is of: then the store knows.
    const backTo = Math.min(
      seen.coordination?.mtime ?? seen.store?.time ?? 0,
      seen.store?.time ?? Number.POSITIVE_INFINITY,
    );
    const asked = new AskedAgents(this.leadership, this.members);
    await asked.choose(backTo, storeIsSettled || this.wasStoreRestored(seen));
    await announceRestore(
      this.leadership,
      'CoordinationRestored',
      `coordination was restored from a backup of ${new Date(backTo).toISOString()} or later: ${asked.awaited}`,
      'True',
    );
    const forgottenUpTo = clock.now() + CLAIM_LEAD_MAX_MS;
    const first = await raiseRecords(this.leadership, { floorOf: () => 0, missingFrom: 0, forgottenUpTo });
    const id = newUid();
    const before = await readGuard(coordinator, layout);
    const restores = before?.value.restores ?? 0;
    await coordinator.multi([
      { op: 'check', path: layout.epoch, version: epoch },
      guardWrite(layout, before, { restores, state: 'raising', id }),
    ]);
    const answers = await asked.answers(id);
    if (!storeIsSettled && this.wasStoreRestored(seen)) await this.settleStore(seen);
    const last = await raiseRecords(this.leadership, {
      floorOf: this.floorFor(answers),
      missingFrom: 0,
      forgottenUpTo,
    });
    await store.restores.note({ what: 'coordination', backTo, until: clock.now() }, fence);
    const raising = await readGuard(coordinator, layout);
    // In one transaction: an agent that may claim again finds a checkpoint that it has not seen.
    await this.checkpoints.move(seen, [guardWrite(layout, raising, { restores: restores + 1, state: 'open', id })]);
    const { silent } = answers;
    log.warn(
      { made: first.made, raised: first.raised + last.raised, silent: silent.length },
      'coordination may be believed again',
    );
    await announceRestore(
      this.leadership,
      'RestoreSettled',
      silent.length === 0
        ? 'all agents have said what they know; tasks start again'
        : `tasks start again, those of clusters ${[...answers.incomplete].join(', ')} only from now on: nobody could say what ran on ${silent.slice(0, 10).join(', ')}`,
      'False',
    ).catch((error: unknown) => log.warn({ err: messageOf(error) }, 'the end of a restore could not be announced'));
  }

  /** Of a cluster with an agent that was not heard it is not known what ran: then nothing of the past runs again. */
  private floorFor({ incomplete }: Answers): Parameters<typeof raiseRecords>[1]['floorOf'] {
    const now = this.leadership.clock.now();
    return ({ cluster, createdAt }) => (incomplete.has(cluster) && createdAt < now ? now : 0);
  }
}
