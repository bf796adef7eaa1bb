// Packages of tasks on this machine: each is fetched once, however many ask for it, and then there without the center.
import { Backoff, type Clock, CloudTaskError, isCloudTaskError, type Logger, messageOf } from '../../base/index.js';
import type { CenterClient } from '../center-client/center-client.js';
import { PackageDownload } from './download.js';
import type { PackageShelf } from './package-shelf.js';

const RETRY_INITIAL_MS = 500;
/** How late a package is noticed that the center has only now, at most. */
const RETRY_MAX_MS = 60_000;
/** While an attempt waits for it. */
const WAITED_RETRY_MAX_MS = 5000;
/** Packages on their way at a time: as many connections as there are for them. */
const FETCHES_MAX = 2;
/** Archives that broke a rule: they do so each time, as their digest is their name. Forgotten with the process. */
const REFUSALS_MAX = 1000;

interface Flight {
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly download: PackageDownload;
  waiters: number;
  /** Ends the wait before the next try. */
  hurry: () => void;
  problem: string | undefined;
}

export interface PackageCacheOptions {
  readonly client: CenterClient;
  readonly shelf: PackageShelf;
  readonly clock: Clock;
  readonly log: Logger;
  /** Digests that tasks of this agent, or runs on it, have. */
  readonly inUse: () => ReadonlySet<string>;
  /** False while it is not known yet which tasks are this agent's. */
  readonly isUseKnown: () => boolean;
}

export class PackageCache {
  private readonly options: PackageCacheOptions;
  /** What others may join, by digest. */
  private readonly flights = new Map<string, Flight>();
  /** Also those that were given up and are not over yet. */
  private readonly open = new Set<Flight>();
  private readonly refusals = new Map<string, string>();
  private readonly queue: (() => void)[] = [];
  private fetching = 0;
  private ended = false;

  constructor(options: PackageCacheOptions) {
    this.options = options;
  }

  /** True when the package is there; it counts as used now. */
  has(digest: string): boolean {
    const hex = hexOf(digest);
    this.options.shelf.use(hex);
    return this.options.shelf.has(hex);
  }

  directory(digest: string): string {
    return this.options.shelf.directory(hexOf(digest));
  }

  /** Fetches a package that will be needed, as long as it is in use. */
  prefetch(digest: string): void {
    if (this.has(digest) || this.refusals.has(digest) || this.flights.has(digest) || this.ended) return;
    this.begin(digest);
  }

  /**
   * The directory with the files of the package, as soon as it is there. Rejects with CT_PACKAGE_INVALID for an archive that
   * may not be unpacked, and with CT_UNAVAILABLE, saying what stands in the way, when `signal` is aborted before.
   */
  async ensure(digest: string, signal: AbortSignal): Promise<string> {
    if (this.has(digest)) return this.directory(digest);
    const refusal = this.refusals.get(digest);
    if (refusal !== undefined) throw new CloudTaskError('CT_PACKAGE_INVALID', refusal);
    if (this.ended) throw new CloudTaskError('CT_UNAVAILABLE', 'the agent is stopping');
    const flight = this.flights.get(digest) ?? this.begin(digest);
    flight.waiters += 1;
    flight.hurry();
    try {
      if (!(await settledBefore(flight.done, signal))) throw new CloudTaskError('CT_UNAVAILABLE', wordOf(flight));
    } finally {
      flight.waiters -= 1;
      if (!this.isWanted(digest, flight)) this.giveUp(digest, flight);
    }
    return this.directory(digest);
  }

  /** What is on its way is given up; resolves when it has left nothing. */
  async stop(): Promise<void> {
    this.ended = true;
    for (const { controller } of this.open) controller.abort();
    await Promise.allSettled([...this.open].map(({ done }) => done));
  }

  /** Whoever asks from here on gets a flight of their own. */
  private giveUp(digest: string, flight: Flight): void {
    flight.controller.abort();
    if (this.flights.get(digest) === flight) this.flights.delete(digest);
  }

  private begin(digest: string): Flight {
    const hex = hexOf(digest);
    const { client, shelf } = this.options;
    const controller = new AbortController();
    const archive = shelf.incomingPath(hex);
    const download = new PackageDownload(client, hex, archive);
    const work = async () => {
      try {
        await this.fetch(digest, archive, flight);
      } finally {
        if (this.flights.get(digest) === flight) this.flights.delete(digest);
        await download.forget();
        this.open.delete(flight);
      }
    };
    const flight: Flight = {
      // A turn later, so that the flight is there when it begins.
      done: Promise.resolve().then(work),
      ...{ controller, download, waiters: 0, hurry: () => undefined, problem: undefined },
    };
    this.flights.set(digest, flight);
    this.open.add(flight);
    // Whoever waits hears of it; a package fetched ahead has nobody who does.
    flight.done.catch((error: unknown) => {
      if (this.ended || controller.signal.aborted) return;
      this.options.log.warn({ package: digest, err: messageOf(error) }, 'a package cannot be used');
    });
    return flight;
  }

  /** Tries until it is there, or is refused, or nobody wants it. */
  private async fetch(digest: string, archive: string, flight: Flight): Promise<void> {
    const { log } = this.options;
    const { signal } = flight.controller;
    const backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });
    for (;;) {
      const before = flight.download.received;
      try {
        await this.inTurn(signal, () => this.fetchOnce(digest, archive, flight));
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (this.refusals.has(digest)) throw error;
        // What comes on, piece by piece, need not wait longer and longer.
        if (flight.download.received > before) backoff.reset();
        if (flight.problem === undefined) {
          log.warn({ package: digest, err: messageOf(error) }, 'a package could not be fetched; trying again');
        }
        flight.problem = messageOf(error);
      }
      if (!this.isWanted(digest, flight)) throw new CloudTaskError('CT_UNAVAILABLE', wordOf(flight));
      await this.pause(Math.min(backoff.next(), flight.waiters > 0 ? WAITED_RETRY_MAX_MS : RETRY_MAX_MS), flight);
    }
  }

  private async pause(delayMs: number, flight: Flight): Promise<void> {
    const { signal } = flight.controller;
    const hurried = new AbortController();
    flight.hurry = () => hurried.abort();
    // Cut short, in either way: what matters is looked at behind it.
    await this.options.clock.sleep(delayMs, AbortSignal.any([signal, hurried.signal])).catch(() => undefined);
    flight.hurry = () => undefined;
    signal.throwIfAborted();
  }

  private async fetchOnce(digest: string, archive: string, flight: Flight): Promise<void> {
    const { shelf, log, inUse, isUseKnown } = this.options;
    const hex = hexOf(digest);
    // By a flight that was given up just then.
    if (shelf.has(hex)) return;
    await flight.download.fetch(flight.controller.signal);
    try {
      await shelf.put(hex, archive, flight.controller.signal);
    } catch (error) {
      if (isCloudTaskError(error, 'CT_PACKAGE_INVALID')) this.refuse(digest, messageOf(error));
      throw error;
    }
    log.info({ package: digest, bytes: flight.download.received }, 'fetched a package');
    if (!isUseKnown()) return;
    const kept = new Set([...inUse()].map(hexOf));
    for (const other of this.flights.keys()) kept.add(hexOf(other));
    await shelf.shrink(kept);
  }

  private refuse(digest: string, message: string): void {
    const [oldest] = this.refusals.keys();
    if (this.refusals.size >= REFUSALS_MAX && oldest !== undefined) this.refusals.delete(oldest);
    this.refusals.set(digest, message);
  }

  private isWanted(digest: string, flight: Flight): boolean {
    return flight.waiters > 0 || this.options.inUse().has(digest);
  }

  private async inTurn(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (this.fetching >= FETCHES_MAX) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.fetching += 1;
    try {
      signal.throwIfAborted();
      await work();
    } finally {
      const next = this.queue.shift();
      // The turn goes from hand to hand.
      if (next === undefined) this.fetching -= 1;
      else next();
    }
  }
}

function hexOf(digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw new CloudTaskError('CT_PACKAGE_INVALID', `${JSON.stringify(digest)} is no digest`);
  return hex;
}

function wordOf({ problem, download }: Flight): string {
  const { received, size } = download;
  const progress = `${received} of ${size ?? 'an unknown number of'} bytes are here`;
  return problem === undefined ? `it is still being fetched: ${progress}` : `${problem} (${progress})`;
}

/** True when the work was done first; rejects when it failed first. */
function settledBefore(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(false);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(() => resolve(true), reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
