// Builds the parts of an agent and connects them. Nothing starts here.
import { join } from 'node:path';
import { type Emitter, messageOf, within } from '../base/index.js';
import { AllocationWatcher, type CoordinationSession, Layout, Membership } from '../coordination/index.js';
import type { AgentCounts } from '../manifests/index.js';
import type { AgentEventMap } from './agent-events.js';
import type { AgentOptions } from './agent-options.js';
import { Assignments } from './assignments/assignments.js';
import { TaskCache } from './assignments/task-cache.js';
import { TaskSource } from './assignments/task-source.js';
import { ownerChangedReport, UnownedRuns } from './assignments/unowned-runs.js';
import { buildPackages } from './build-packages.js';
import { buildRequests } from './build-requests.js';
import { buildSession } from './build-session.js';
import { agentCounts } from './center-client/agent-counts.js';
import { CenterClient } from './center-client/center-client.js';
import { Heartbeat } from './center-client/heartbeat.js';
import type { RequestStream } from './center-client/request-stream.js';
import { createBlockCheck } from './claims/block-check.js';
import { ClaimWriter } from './claims/claim-writer.js';
import { type Identity, saveIdentity } from './identity/identity.js';
import { registrationOf } from './identity/registration.js';
import type { Journal } from './journal/journal.js';
import { openJournal } from './journal/open-journal.js';
import { platform } from './platform/index.js';
import { REPORTS_WAITING_MAX, ReportSender } from './reports/report-sender.js';
import { consumedHere } from './restore/consumed-points.js';
import { raiseCursors } from './restore/raise-cursors.js';
import { RestoreGate } from './restore/restore-gate.js';
import { createRunnerClient } from './runner/runner-client.js';
import { ContinuedRuns } from './runs/continued-runs.js';
import { GivenAway } from './runs/given-away.js';
import { ManualRuns } from './runs/manual-runs.js';
import { PartitionFence } from './runs/partition-fence.js';
import { Recovery } from './runs/recovery.js';
import { RunAsPolicy } from './runs/run-as.js';
import { Runs } from './runs/runs.js';
import { ClaimLead } from './schedule-loop/claim-lead.js';
import { ScheduleLoop } from './schedule-loop/schedule-loop.js';
import { ServerClock, type TimeSample } from './schedule-loop/server-clock.js';
import { TimerQueue } from './schedule-loop/timer-queue.js';
import { UnclaimedStarts } from './schedule-loop/unclaimed-starts.js';
import { MaskFiles } from './secrets/mask-files.js';
import { SealedFiles } from './secrets/sealed-files.js';
import { SecretCache } from './secrets/secret-cache.js';
import { AttemptDirectories } from './spool/attempt-directories.js';
import { LogShipper } from './spool/log-shipper.js';

const OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

export type AgentParts = ReturnType<typeof buildAgent>;

/** Fewer starts than this are over before it would be worth while to wait for them. */
const HERD_MIN = 20;

/** Parts that know each other: the loop claims and hands over, runs tell the loop what they need next. */
interface Later {
  /** All tasks that are this agent's have been loaded once. */
  isUseKnown?: boolean;
  membership?: Membership;
  loop?: ScheduleLoop;
  assignments?: Assignments;
  manual?: ManualRuns;
  runs?: Runs;
  requests?: RequestStream;
}

/** Nobody waits for the registration to be renewed; what takes longer than a session is of no use any more. */
const SAY_MS = 30_000;

/** `state.claiming` is the switch of the whole agent: while false nothing is claimed. */
export function buildAgent(
  options: AgentOptions,
  identity: Identity,
  events: Emitter<AgentEventMap>,
  state: { claiming: boolean; holdUntil?: number },
) {
  const base = buildBase(options, events);
  const { clock, log } = options;
  const { journal, reports, shipper, directories, timers, client } = base;
  const { session, tally } = buildSession(options, identity);
  const layout = new Layout(options.coordination.root);
  const later: Later = {};
  const gate = buildGate(options, identity, session, layout, base, later);
  const members = buildMembership(options, identity, session, layout, gate, state);
  later.membership = members.membership;
  const { packages, packageCache, shelf } = buildPackages(options, base.client, later);
  const serverClock = new ServerClock(clock);
  const sample = (time: TimeSample) => {
    const changed = serverClock.sample(time);
    const { suspect, offsetMs } = serverClock;
    if (changed) {
      log.warn({ suspect, offsetMs }, 'clock of this machine and of the coordination server changed their agreement');
      events.emit('clockSuspect', { suspect, offsetMs });
    }
    if (!suspect) later.loop?.resume();
  };
  members.membership.events.on('sample', (time) => {
    gate.noteBeat(time.version);
    sample(time);
  });
  members.membership.events.on('registered', () => {
    events.emit('registered', undefined);
    later.loop?.resume();
  });
  const claims = new ClaimWriter({ session, journal, clock, log, sample, trust: gate });
  const fence = new PartitionFence({
    ...{ clock, session },
    sessionTimeoutMs: options.coordination.sessionTimeoutMs,
    close: (graceMs) => later.runs?.endCutOff(graceMs),
    // Again and again: the connection may be given up only later.
    stillClosed: () => later.loop?.cutOff(),
  });
  const runs = new Runs({
    agent: options.name,
    bootId: identity.bootId,
    ...{ clock, log, timers, journal, reports, shipper, directories, events, packages },
    runner: base.runner,
    maxRunning: options.maxRunning,
    launch: {
      platform,
      baseEnv: platform.cleanEnvironment(),
      secrets: base.secrets,
      masks: base.masks,
      outputMaxBytes: options.outputMaxBytes ?? OUTPUT_MAX_BYTES,
      runAs: new RunAsPolicy(options.runAs ?? [], clock),
      cgroups: options.cgroups?.directory,
      traced: options.traced ?? false,
    },
    requestClaim: (run) => later.loop?.request(run),
    taken: (runUid) => later.manual?.taken(runUid),
    stillBlocked: createBlockCheck({ agent: options.name, session, layout, clock, log }),
    isCutOff: () => fence.isClosed,
    slotFreed: (slotKey, unused) => later.loop?.freed(slotKey, unused),
  });
  later.runs = runs;
  const unclaimed = new UnclaimedStarts({
    agent: options.name,
    ...{ clock, log, timers, session, journal, reports, runs },
    mayStart: () =>
      state.claiming &&
      session.current.state !== 'connected' &&
      fence.isClosed &&
      !fence.isExpired &&
      serverClock.trusted &&
      reports.pending < REPORTS_WAITING_MAX,
  });
  const loop = new ScheduleLoop({
    agent: options.name,
    unclaimed,
    ...{ clock, log, timers, claims, journal, reports, runs },
    lead: new ClaimLead(),
    mayClaim: () =>
      state.claiming &&
      // Two agents of one name: the lists and records mean the one that holds the registration.
      members.membership.isRegistered &&
      session.current.state === 'connected' &&
      gate.isOpen &&
      serverClock.trusted &&
      !runs.places.isCrowded &&
      reports.pending < REPORTS_WAITING_MAX,
    recordMoved: (slot) => later.assignments?.mark(slot),
  });
  later.loop = loop;
  const tasks = new TaskSource({ cache: base.cache, client, secrets: base.secrets, log });
  const unowned = new UnownedRuns({ clock, timers, retry: () => later.manual?.retry() });
  const manual = new ManualRuns({
    dataDir: options.dataDir,
    ...{ clock, log },
    start: (run, key) => {
      if (loop.isForeign(key)) {
        if (!unowned.waitedInVain(run.uid)) return undefined;
        loop.tell([ownerChangedReport(run, clock.now())]);
        return 'ended';
      }
      unowned.forget(run.uid);
      return loop.startManual(run, key);
    },
    cancel: (request) => runs.cancelRequested(request),
    withdraw: (run, reason) => runs.finish(run, 'Cancelled', reason),
    report: (report) => loop.tell([report]),
  });
  later.manual = manual;
  const continued = new ContinuedRuns({ clock, log, loop, runs });
  const givenAway = new GivenAway({
    isOurs: (slotKey) => loop.get(slotKey)?.task !== undefined,
    isUnreported: (runUid) => reports.waits(runUid),
    ask: () => later.requests?.again(),
  });
  events.on('givenAway', ({ runUid, slotKey }) => givenAway.note(runUid, slotKey));
  events.on('reported', ({ uid }) => givenAway.reported(uid));
  const assignments = new Assignments({
    agent: options.name,
    ...{ session, layout, tasks, loop, clock, log },
    loaded: (task) => packages.fetchAhead(task),
    applied: (slots) => {
      later.isUseKnown = true;
      manual.retry();
      continued.retry();
      givenAway.look();
      events.emit('allocationApplied', { slots });
    },
  });
  later.assignments = assignments;
  const recovery = new Recovery({
    agent: options.name,
    bootId: identity.bootId,
    ...{ clock, log, journal, session, layout, claims, loop, runs, shipper, directories },
    tasks: base.cache,
    taken: (runUid) => manual.taken(runUid),
  });
  const outer = buildOuter(options, identity, client, {
    runs,
    assignments,
    shipper,
    reports,
    manual,
    continued,
    tasks,
    counts: () => agentCounts(claims, tally),
    secrets: base.secrets,
    serverClock,
  });
  later.requests = outer.requests;
  return {
    ...base,
    ...members,
    ...outer,
    gate,
    packages,
    packageCache,
    shelf,
    sample,
    layout,
    session,
    claims,
    runs,
    loop,
    assignments,
    manual,
    continued,
    fence,
    recovery,
    serverClock,
  };
}

/** What works without coordination. */
function buildBase(options: AgentOptions, events: Emitter<AgentEventMap>) {
  const { clock, log, dataDir } = options;
  const client = new CenterClient({ agent: options.name, ...options.center });
  const journal = openJournal({ directory: join(dataDir, 'journal'), clock, log });
  const directories = new AttemptDirectories(dataDir, clock, log);
  const runner = createRunnerClient({
    ...{ dataDir, clock, log },
    runnerEntry: options.runnerEntry,
    ...(options.runners === undefined ? {} : { runners: options.runners }),
  });
  const startsWait = () => runner.overdue() > HERD_MIN;
  const timers = new TimerQueue(clock);
  const reports = new ReportSender({
    ...{ client, journal, clock, log, startsWait },
    reported: (report) => events.emit('reported', report),
  });
  const files = new SealedFiles(dataDir);
  const masks = new MaskFiles(files, log);
  const shipper = new LogShipper({
    ...{ client, clock, log, startsWait },
    maskOf: (directory) => masks.read(directory),
    shipped: (attempt) => directories.remove(attempt.directory),
  });
  return {
    client,
    journal,
    directories,
    reports,
    shipper,
    runner,
    timers,
    cache: new TaskCache({ dataDir, clock, timers, log }),
    secrets: new SecretCache({ files, client, clock, log }),
    masks,
  };
}

/** Slots are looked at anew after a restore: it takes records and their owners back. */
function buildGate(
  options: AgentOptions,
  identity: Identity,
  session: CoordinationSession,
  layout: Layout,
  { journal }: { journal: Journal },
  later: Later,
): RestoreGate {
  const { clock, log, name, dataDir } = options;
  const gate = new RestoreGate({
    ...{ session, layout, agent: name, clock, log, memory: identity.memory },
    keep: async (memory) => {
      identity.memory = memory;
      await saveIdentity(dataDir, identity, session.current.session).catch((error: unknown) => {
        log.warn({ err: messageOf(error) }, 'what was seen of coordination could not be kept on disk');
      });
    },
    raise: (coordinator) =>
      raiseCursors(coordinator, layout, name, consumedHere(journal), (key) => later.runs?.table.ofSlot(key)[0]),
    say() {
      const { membership } = later;
      if (membership === undefined) return; // said when it registers
      void within(clock, SAY_MS, (signal) => membership.update(signal)).catch((error: unknown) => {
        log.debug({ err: messageOf(error) }, 'the registration could not be renewed');
      });
    },
  });
  gate.events.on('opened', ({ restored }) => {
    if (restored) later.assignments?.markAll();
    later.loop?.resume();
  });
  return gate;
}

function buildMembership(
  options: AgentOptions,
  identity: Identity,
  session: CoordinationSession,
  layout: Layout,
  gate: RestoreGate,
  state: { readonly holdUntil?: number },
) {
  const { clock, log, name } = options;
  const membership = new Membership({
    ...{ session, layout, clock, log },
    agent: name,
    registration: () => registrationOf(options, identity, state.holdUntil ?? null, gate.word),
    heartbeatMs: options.coordination.sessionTimeoutMs / 2,
    earlierIncarnations: identity.earlierIncarnations,
  });
  const watcher = new AllocationWatcher({ session, layout, agent: name, clock, log });
  return { membership, watcher };
}

function buildOuter(
  options: AgentOptions,
  identity: Identity,
  client: CenterClient,
  parts: {
    runs: Runs;
    assignments: Assignments;
    shipper: LogShipper;
    reports: ReportSender;
    manual: ManualRuns;
    continued: ContinuedRuns;
    tasks: TaskSource;
    counts: () => AgentCounts;
    secrets: SecretCache;
    serverClock: ServerClock;
  },
) {
  const { clock, log } = options;
  const { runs, assignments, shipper, reports } = parts;
  const heartbeat = new Heartbeat({
    ...{ client, clock, log, dataDir: options.dataDir },
    ...{ cluster: options.cluster, labels: options.labels, bootId: identity.bootId },
    ...{ version: options.version ?? '', cgroups: options.cgroups?.words },
    ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    counts: () => {
      const oldestReport = reports.oldestTimePoint();
      return {
        running: runs.table.countRunning(),
        tasks: assignments.size,
        spoolBytes: shipper.unsentBytes(),
        refusedTasks: parts.tasks.refused,
        pendingReports: reports.pending,
        counts: parts.counts(),
        ...(oldestReport === undefined ? {} : { oldestReport }),
        ...(parts.serverClock.suspect ? { clockOffsetMs: parts.serverClock.offsetMs } : {}),
      };
    },
  });
  return { heartbeat, ...buildRequests(options, client, parts) };
}
