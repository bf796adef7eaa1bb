// Sends what the outbox holds, while this center leads (decision 0033). Each notifier by itself: a mail server that is slow or dead keeps
// nobody else waiting.
//
//   Pending ── claim: batch, lease ──► being sent ── 250 ────────────────────► Sent
//      ▲                                  ├── certainly not arrived ── due later, with what is new ───┐
//      └──────────────────────────────────┴── nobody knows ── due later, the same batch again ────────┘
//
// A leader that dies leaves its batch; the next one sends it when the lease is over, with the same Message-ID.
import { messageOf, parseDuration, type Timer } from '../../base/index.js';
import { loudSince, type Notifier, quietAt } from '../../manifests/index.js';
import type { Leadership } from '../controllers/leadership.js';
import { againIn, done, ReconcileLoop, type ReconcileResult } from '../controllers/workqueue/reconcile-loop.js';
import type { Stored } from '../store/index.js';
import { batchId } from '../store/notifications/batch-id.js';
import type {
  Notification,
  NotificationBatch,
  NotificationEvent,
  NotifierKey,
  RefusedPart,
  UnsurePart,
} from '../store/notifications/notification-book.js';
import { BATCH_MAX } from '../store/notifications/notification-book.js';
import type { AlarmTimes } from './alarms.js';
import { delaysOf, triesOf } from './delays.js';
import { type Delivered, Delivery, type DeliveryOptions, keepsIncidents } from './delivery.js';
import { DeliveryError } from './delivery-error.js';
import { MAIL_LIMIT_MS } from './send-mail.js';

/** How often the leader looks whether there is something new, ms. */
const LOOK_MS = 1_000;
const WORKERS = 8;
/** Longer than any try lasts, with what is read before it. */
const LEASE_MS = 3 * MAIL_LIMIT_MS;
const GROUP_WAIT_MS = 30_000;
/** After so long nobody wants to hear of it any more, ms; quiet hours do not count. */
const GIVE_UP_MS = 86_400_000;
/** The end of quiet hours is a matter of wall time, which steps: looked at again so often, ms. */
const QUIET_LOOK_MS = 600_000;
/** What is being sent when the term ends has so long to come to an end, ms. */
const LAST_WORDS_MS = 3_000;
const PRUNE_MS = 3_600_000;
const KEPT_MS = 7 * 86_400_000;

export interface NotificationsOptions extends DeliveryOptions {
  /** Other than the usual one, for tests; ms. */
  readonly leaseMs?: number;
  /** The same of alarms. */
  readonly alarms?: AlarmTimes;
}

/** What sending needs of a leader, or of who takes its place. */
export type Sending = Pick<Leadership, 'store' | 'clock' | 'log' | 'fence' | 'signal' | 'failed'>;

export class Notifications {
  private readonly leadership: Sending;
  private readonly options: NotificationsOptions;
  readonly loop: ReconcileLoop;
  /** Notifiers whose server does not answer: no try before (monotonic time, ms), and how many have failed. */
  private readonly held = new Map<string, { readonly until: number; readonly failures: number }>();
  /** Of each notifier, the newest of what waited when it was looked at; what waits longer has its time in the queue. */
  private readonly seen = new Map<string, number>();
  private unsubscribe: (() => void) | undefined;
  private timer: Timer | undefined;
  private readonly cut = new AbortController();
  private readonly delivery: Delivery;
  private pruneAt = 0;

  constructor(leadership: Sending, options: NotificationsOptions) {
    this.leadership = leadership;
    this.options = options;
    this.delivery = new Delivery(leadership, options, this.cut.signal);
    const { clock, log, failed } = leadership;
    this.loop = new ReconcileLoop({
      ...{ name: 'notifications', clock, log, failed, workers: WORKERS },
      reconcile: (key) => this.reconcile(key),
    });
  }

  start(): void {
    this.loop.start();
    this.unsubscribe = this.leadership.store.onChange((changes) => {
      for (const { kind, object, previous } of changes) {
        if (kind !== 'Notifier' || object.metadata.generation === previous?.metadata.generation) continue;
        this.loop.queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
      }
    });
    this.look();
  }

  /** A message that is on its way gets a moment to arrive: cut off, nobody knows whether it has. */
  async stop(): Promise<void> {
    this.timer?.cancel();
    this.unsubscribe?.();
    const late = this.leadership.clock.timerAfter(LAST_WORDS_MS, () => this.cut.abort());
    await this.loop.stop();
    late.cancel();
  }

  private look(): void {
    const { store, clock, signal, log, failed, fence } = this.leadership;
    const again = async (): Promise<void> => {
      const waiting = await store.notifications.waiting();
      const names = new Set(waiting.map(({ namespace, notifier }) => `${namespace}/${notifier}`));
      for (const name of this.seen.keys()) if (!names.has(name)) this.seen.delete(name);
      for (const { namespace, notifier, newest } of waiting) {
        const name = `${namespace}/${notifier}`;
        if (this.seen.get(name) === newest) continue;
        this.seen.set(name, newest);
        this.loop.queue.add(name);
      }
      if (clock.monotonic() < this.pruneAt) return;
      this.pruneAt = clock.monotonic() + PRUNE_MS;
      await store.notifications.prune(clock.now() - KEPT_MS, fence);
      // Their status counts what is kept.
      for (const { metadata } of (await store.list<Notifier>('Notifier', {})).items)
        this.loop.queue.add(`${metadata.namespace}/${metadata.name}`);
    };
    again()
      .catch((error: unknown) => {
        if (signal.aborted) return;
        failed(error);
        log.warn({ err: messageOf(error) }, 'notifications that wait could not be read');
      })
      .finally(() => {
        if (!signal.aborted) this.timer = clock.timerAfter(LOOK_MS, () => this.look());
      });
  }

  /** Tells the notifier (`namespace/name`) what is due, in one message or its parts. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const { store, clock, fence, signal } = this.leadership;
    const [namespace = '', notifier = ''] = key.split('/');
    const object = await store.get<Notifier>({ kind: 'Notifier', namespace, name: notifier });
    const held = this.held.get(key);
    const left = held === undefined ? 0 : held.until - clock.monotonic();
    const groupWaitMs = object === undefined ? 0 : (parseDuration(object.spec.groupWait ?? '') ?? GROUP_WAIT_MS);
    const leaseMs = this.options.leaseMs ?? LEASE_MS;
    const hours = object?.spec.quiet ?? [];
    const now = clock.now();
    const quiet = quietAt(hours, now);
    const only = left > 0 ? [] : withEnds(quiet?.except);
    const claim = await store.notifications.claim(
      {
        ...{ namespace, notifier, groupWaitMs, leaseMs, giveUpBefore: loudSince(hours, now, GIVE_UP_MS) },
        ...(only === undefined ? {} : { only: ['Test', ...only] }),
        ...(object?.spec.webhook === undefined ? { byRecipients: true } : {}),
        ...(keepsIncidents(object) ? { repeatable: true } : {}),
      },
      fence,
    );
    if (claim.batch === undefined) {
      await this.writeStatus({ namespace, notifier }, object, undefined);
      const ends = quiet === undefined ? [] : [Math.min(QUIET_LOOK_MS, quiet.until - now)];
      const next = [...ends, ...(claim.againInMs === undefined ? [] : [claim.againInMs])];
      const soonest = Math.max(left, next.length === 0 ? 0 : Math.min(...next));
      return soonest > 0 ? againIn(soonest) : done;
    }
    if (signal.aborted) return done; // the lease tells the next leader
    // A notifier that kept incidents when that happened, and keeps none now, is told nothing of their end.
    const told = claim.batch.notifications.filter(({ event }) => event !== 'Over' || keepsIncidents(object));
    const outcome = await this.delivery.deliver({ namespace, notifier }, object, claim.batch, told);
    await this.settle({ namespace, notifier }, object, { ...claim.batch, told }, outcome);
    return againIn(1);
  }

  private async settle(
    key: NotifierKey,
    object: Stored<Notifier> | undefined,
    batch: NotificationBatch & { readonly told: readonly Notification[] },
    outcome: Delivered | DeliveryError,
  ): Promise<void> {
    const { store, clock, fence, log } = this.leadership;
    const id = `${key.namespace}/${key.notifier}`;
    const { notifications } = batch;
    if (!(outcome instanceof DeliveryError)) {
      const { refused } = outcome;
      this.held.delete(id);
      await store.notifications.settle(
        batch.id,
        { sent: true, ...(refused === undefined ? {} : { error: refused }) },
        fence,
      );
      log.info({ notifier: id, batch: batch.id, events: notifications.length }, 'notification is sent');
      await this.tell(key, object, refused);
      await this.writeStatus(key, object, { sent: true, error: refused });
      return;
    }
    const { message: error, certain, onlyThese, arrived } = outcome;
    const { told, fixed } = batch;
    const untold = notifications.filter((one) => !told.includes(one));
    const at = (places: readonly number[]) => places.map((place) => told[place]!);
    const idsOf = (some: readonly Notification[]) => some.map((one) => one.id);
    // A whole message of which nothing is taken is no matter of some of it: what waits behind it would follow at once.
    const hold = !onlyThese || (arrived.length === 0 && told.length >= BATCH_MAX);
    const failures = onlyThese ? triesOf(told) : (this.held.get(id)?.failures ?? 0) + 1;
    const { delayMs, refusedMs } = delaysOf(outcome, failures, at(outcome.refused ?? []));
    // Who asks for a test is told of this try, and looks no further.
    const test = notifications.some(({ event }) => event === 'Test');
    if (arrived.length > 0) this.held.delete(id);
    if (hold && !test) this.held.set(id, { until: clock.monotonic() + delayMs, failures });
    await store.notifications.settle(
      batch.id,
      {
        ...{ sent: false, error, delayMs, arrived: idsOf([...untold, ...at(arrived)]) },
        certain: (certain || outcome.unsure !== undefined) && !fixed,
        ...(outcome.unsure === undefined ? {} : { unsure: unsureOf(key, batch, at(outcome.unsure)) }),
        ...(outcome.refused === undefined ? {} : { refused: refusedOf(batch, at(outcome.refused), refusedMs) }),
        ...(test ? { last: true } : {}),
      },
      fence,
    );
    log.warn(
      { notifier: id, batch: batch.id, events: notifications.length, ...(test ? {} : { delayMs }), err: error },
      'notification is not sent',
    );
    await this.tell(key, object, error);
    await this.writeStatus(key, object, { sent: arrived.length > 0, error });
  }

  private async tell(
    { namespace, notifier }: NotifierKey,
    object: Stored<Notifier> | undefined,
    error: string | undefined,
  ): Promise<void> {
    const { store, clock } = this.leadership;
    const regarding = { kind: 'Notifier', namespace, name: notifier };
    await store.recordEvents([
      {
        reason: error === undefined ? 'NotificationSent' : 'NotificationFailed',
        message: error ?? 'what there was to tell is sent',
        regarding: object === undefined ? regarding : { ...regarding, uid: object.metadata.uid },
        source: 'notifications',
        time: clock.now(),
      },
    ]);
  }

  private async writeStatus(
    { namespace, notifier }: NotifierKey,
    object: Notifier | undefined,
    latest: { readonly sent: boolean; readonly error: string | undefined } | undefined,
  ): Promise<void> {
    if (object === undefined) return;
    const { store, clock, fence } = this.leadership;
    const now = new Date(clock.now()).toISOString();
    const { lastSentTime, lastError, lastErrorTime } = object.status ?? {};
    const failure = lastError === undefined ? {} : { lastError, lastErrorTime };
    const status = {
      ...(await store.notifications.counts({ namespace, notifier })),
      ...(latest?.sent ? { lastSentTime: now } : lastSentTime === undefined ? {} : { lastSentTime }),
      ...(latest === undefined
        ? failure
        : latest.error === undefined
          ? {}
          : { lastError: latest.error, lastErrorTime: now }),
    };
    await store.updateStatus<Notifier>(
      { kind: 'Notifier', namespace, name: notifier },
      status as Notifier['status'],
      fence,
    );
  }
}

/** What opens an incident in quiet hours closes it, too. */
function withEnds(events: readonly NotificationEvent[] | undefined): readonly NotificationEvent[] | undefined {
  return events?.some((one) => one === 'Late' || one === 'LongerThan') ? [...events, 'Over'] : events;
}

/** It goes again under the name that it had. */
function unsureOf(key: NotifierKey, { id, fixed }: NotificationBatch, part: readonly Notification[]): UnsurePart {
  const batch = batchId(key, part);
  return { ids: part.map((one) => one.id), batch, ...(fixed && batch !== id ? { perhapsToldIn: id } : {}) };
}

/** Of a batch that may have arrived it goes by itself, and says so. */
function refusedOf({ id, fixed }: NotificationBatch, some: readonly Notification[], delayMs: number): RefusedPart {
  return { ids: some.map((one) => one.id), delayMs, ...(fixed ? { perhapsToldIn: id } : {}) };
}
