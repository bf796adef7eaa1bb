// The recipes against both servers: the embedded one always, Apache ZooKeeper where it is installed.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { requireZooKeeper, startZooKeeper } from '../test/support/zookeeper.js';
import { AllocationWatcher } from './allocation-watcher.js';
import { AllocationWriter, isStaleEpoch } from './allocation-writer.js';
import { type CoordinationError, isCoordinationError } from './coordinator.js';
import { type Elected, Election } from './election.js';
import { startEmbeddedServer } from './embedded/server.js';
import { Layout, triggerName } from './layout.js';
import { MembersInformer } from './members-informer.js';
import { Membership } from './membership.js';
import type { Registration } from './registration.js';
import type { CoordinationSession } from './session.js';
import { encodeTriggerRecord, type TriggerRecord } from './trigger-record.js';
import { claimBatch, readTriggerRecord, scanTriggerRecords, writeClaim } from './trigger-records.js';
import { createCoordinationSession } from './zookeeper/coordination-session.js';

const TICK_MS = 200;
/** Long enough for a machine that is busy with other things. */
const SESSION_MS = 2000;
t.setTimeout(120_000);
const clock = systemClock;
const log = silentLogger;
const layout = new Layout('/recipes');

interface Server {
  readonly connectString: string;
  stop(): Promise<void>;
}

const record: TriggerRecord = {
  ...{ owner: 'a', ownerEpoch: 1, revision: 1, suspended: false, cursor: 0, attempt: 0, claimId: '', blockedBy: null },
};

const registration = (incarnation: string, extra: Partial<Registration> = {}): Registration => ({
  ...{ incarnation, bootId: 'boot', cluster: 'default', labels: {}, hostname: 'h', version: '0', tzdata: '2026a' },
  holdUntil: null,
  ...extra,
});

async function connect(t: Test, server: Server): Promise<CoordinationSession> {
  const session = createCoordinationSession({
    ...{ connectString: server.connectString, sessionTimeoutMs: SESSION_MS, clock, log },
  });
  await session.start(AbortSignal.timeout(10_000));
  t.teardown(() => session.stop());
  return session;
}

function suite(name: string, start: (t: Test) => Promise<Server | undefined>): void {
  t.test(name, async (t) => {
    t.setTimeout(60_000);
    const server = await start(t);
    if (server === undefined) return;
    t.teardown(() => server.stop());
    const signal = AbortSignal.timeout(60_000);

    t.test('election: one leads; its end makes the next one lead, with a greater epoch', async (t) => {
      const candidates: { election: Election; session: CoordinationSession; elected: Promise<Elected> }[] = [];
      for (const id of ['c1', 'c2', 'c3']) {
        const session = await connect(t, server);
        const election = new Election({ session, layout, id, clock, log });
        const elected = election.events.next('elected');
        await election.start(signal);
        t.teardown(() => election.stop());
        candidates.push({ election, session, elected });
      }
      const first = await candidates[0]!.elected;
      t.equal(candidates.filter(({ election }) => election.elected !== undefined).length, 1);
      let deposed = false;
      candidates[0]!.election.events.on('deposed', () => {
        deposed = true;
      });
      await candidates[0]!.election.stop();
      t.equal(deposed, true);
      const second = await candidates[1]!.elected;
      t.ok(second.epoch > first.epoch, `${second.epoch} > ${first.epoch}`);
      const again = candidates[2]!.elected;
      const back = candidates[1]!.election.events.next('elected');
      await candidates[1]!.election.resign();
      t.ok((await again).epoch > second.epoch);
      await candidates[2]!.election.stop();
      t.ok((await back).epoch > (await again).epoch, 'who resigned stands in line again');
      const stale = first.coordinator.multi([{ op: 'check', path: layout.epoch, version: first.epoch }]);
      t.ok(isCoordinationError(await stale.catch((error: unknown) => error), 'badVersion'));
    });

    t.test('election: a leader whose node is deleted is deposed and stands again', async (t) => {
      const session = await connect(t, server);
      const election = new Election({ session, layout, id: 'only', clock, log });
      const first = election.events.next('elected');
      await election.start(signal);
      t.teardown(() => election.stop());
      const { epoch } = await first;
      const deposed = election.events.next('deposed');
      const again = election.events.next('elected');
      const { children } = await session.current.getChildren(layout.election);
      for (const child of children) await session.current.delete(`${layout.election}/${child}`, 0);
      t.equal((await deposed).epoch, epoch);
      t.ok((await again).epoch > epoch);
    });

    t.test('membership: registers, beats, is seen, changes, leaves', async (t) => {
      const watching = await connect(t, server);
      const informer = new MembersInformer({ session: watching, layout, clock, log });
      await informer.start(signal);
      t.teardown(() => informer.stop());
      const session = await connect(t, server);
      let holdUntil: number | null = null;
      const membership = new Membership({
        ...{ session, layout, agent: 'eu-1', clock, log, heartbeatMs: 50 },
        registration: () => registration('i1', { holdUntil }),
      });
      t.teardown(() => membership.stop());
      const joined = informer.events.next('changed', (change) => change.joined.length > 0);
      const sample = membership.events.next('sample');
      await membership.start(signal);
      t.equal((await joined).joined[0]?.name, 'eu-1');
      const { serverTime, sentAt, receivedAt } = await sample;
      t.ok(serverTime >= sentAt - 5 && serverTime <= receivedAt + 5, 'the server read its clock in between');
      const changed = informer.events.next('changed', (change) => change.changed.length > 0);
      holdUntil = 4_000_000_000_000;
      await membership.update(signal);
      t.equal((await changed).changed[0]?.registration.holdUntil, holdUntil);
      const left = informer.events.next('changed', (change) => change.left.length > 0);
      await membership.leave();
      t.equal((await left).left[0]?.registration.holdUntil, holdUntil, 'told as it was last seen');
      t.equal(informer.members.size, 0);
    });

    t.test('membership: another live agent of the name blocks; its end lets register', async (t) => {
      const make = async (incarnation: string, earlierIncarnations: string[] = []) => {
        const session = await connect(t, server);
        const membership = new Membership({
          ...{ session, layout, agent: 'eu-2', clock, log, heartbeatMs: 100, earlierIncarnations },
          registration: () => registration(incarnation),
        });
        t.teardown(() => membership.stop());
        return { session, membership };
      };
      const first = await make('one');
      await first.membership.start(signal);
      const second = await make('two');
      const blocked = second.membership.events.next('blocked');
      const registered = second.membership.events.next('registered');
      await second.membership.start(signal);
      t.equal((await blocked).incarnation, 'one');
      t.equal(second.membership.isRegistered, false);
      await first.membership.stop();
      await first.session.detach(); // the agent is gone, its session lives on until its time-out
      await registered;
      t.equal(second.membership.isRegistered, true);
      // A new process on the same data directory knows that the earlier one is dead, and does not wait.
      const third = await make('three', ['two']);
      const informer = new MembersInformer({ session: third.session, layout, clock, log });
      await informer.start(signal);
      t.teardown(() => informer.stop());
      let absent = false;
      informer.events.on('changed', ({ left }) => {
        absent ||= left.length > 0;
      });
      const replaced = informer.events.next('changed', (change) => change.changed.length > 0);
      await third.membership.start(signal);
      t.equal(third.membership.isRegistered, true);
      t.equal((await replaced).changed[0]?.registration.incarnation, 'three');
      t.equal(absent, false, 'nobody saw the agent absent');
    });

    t.test('claims: one of two wins; a batch with a stale claim commits the others', async (t) => {
      const { current: coordinator } = await connect(t, server);
      const uids = Array.from({ length: 120 }, (_, i) => `claim-${i}`);
      for (const uid of uids) {
        const path = layout.trigger(uid, '');
        await coordinator.ensurePath(path.slice(0, path.lastIndexOf('/')));
        await coordinator.create(path, encodeTriggerRecord(record));
      }
      const path = layout.trigger(uids[7]!, '');
      t.equal(await readTriggerRecord(coordinator, layout.trigger('nobody', '')), undefined);
      const read = (await readTriggerRecord(coordinator, path))!;
      const written = await writeClaim(coordinator, path, read, { ...record, cursor: 1, claimId: 'x' });
      t.equal(written.version, read.version + 1);
      const second = writeClaim(coordinator, path, read, { ...record, cursor: 2, claimId: 'y' });
      t.ok(isCoordinationError(await second.catch((error: unknown) => error), 'badVersion'));
      const results = await claimBatch(
        coordinator,
        uids.map((uid) => ({ path: layout.trigger(uid, ''), record: { ...record, cursor: 5 }, version: 0 })),
      );
      const failed = results.filter((result): result is CoordinationError => isCoordinationError(result));
      t.equal(failed.length, 1);
      t.equal(failed[0]?.kind, 'badVersion');
      t.ok(isCoordinationError(results[7]));
      const scanned = new Map<string, number>();
      await scanTriggerRecords(
        coordinator,
        layout,
        ({ name, record: { cursor } }) => scanned.set(name, cursor),
        (broken) => t.fail(broken),
      );
      t.equal(scanned.size, 120);
      t.equal(scanned.get(triggerName(uids[7]!, '')), 1);
      t.equal(scanned.get(triggerName(uids[8]!, '')), 5);
    });

    t.test('allocation list: written in chunks, seen by the agent, quiet when nothing changed, fenced', async (t) => {
      const session = await connect(t, server);
      const { current: coordinator } = session;
      await coordinator.ensurePath(layout.epoch);
      const epoch = (await coordinator.exists(layout.epoch))!.version;
      const entries = Array.from({ length: 3000 }, (_, i) => ({
        ...{ taskUid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`, slot: '' },
        ...{ revision: 1, suspended: false, ownerEpoch: 1 },
      }));
      const watcher = new AllocationWatcher({ session: await connect(t, server), layout, agent: 'eu-3', clock, log });
      const empty = watcher.events.next('changed');
      await watcher.start(signal);
      t.teardown(() => watcher.stop());
      t.equal((await empty).length, 0);
      const writer = new AllocationWriter(coordinator, layout, epoch);
      t.equal(await writer.write('eu-3', []), 0);
      const full = watcher.events.next('changed', (list) => list.length === 3000);
      t.equal(await writer.write('eu-3', entries), 4, 'three chunks and rev');
      t.equal((await full).length, 3000);
      t.equal(await writer.write('eu-3', entries), 0);
      const other = new AllocationWriter(coordinator, layout, epoch);
      t.equal(await other.write('eu-3', entries), 0, 'a new leader finds it as it should be');
      const edited = watcher.events.next('changed', (list) => list.some((entry) => entry.revision === 2));
      t.equal(await other.write('eu-3', [...entries.slice(0, -1), { ...entries.at(-1)!, revision: 2 }]), 2);
      t.equal((await edited).length, 3000);
      const fewer = watcher.events.next('changed', (list) => list.length === 1);
      t.equal(await other.write('eu-3', entries.slice(0, 1)), 4, 'one chunk changed, two deleted, rev');
      await fewer;
      await coordinator.setData(layout.epoch, Buffer.from('{}'), epoch);
      const refused = await other.write('eu-3', entries).catch((error: unknown) => error);
      t.ok(isStaleEpoch(refused), 'a newer leader exists');
    });
  });
}

suite('embedded server', async (t) => {
  return startEmbeddedServer({ dataDir: t.testdir(), host: '127.0.0.1', port: 0, tickMs: TICK_MS });
});

suite('Apache ZooKeeper', async (t) => {
  if (!requireZooKeeper(t)) return undefined;
  return startZooKeeper({ tickMs: TICK_MS });
});
