// Changing the key of secrets (decision 0025). Each center tells the store which keys its key file holds; nothing is sealed
// with one that a center does not have. Then the leading center seals all values anew, slice by slice, and when nothing needs
// the old keys any more they can be dropped. Every step is one transaction or one replaced file, and each may be the last.
import { type Clock, CloudTaskError, type Logger, messageOf, type Service } from '../../base/index.js';
import type { AuditSource, KeyUse, ResealedValue } from '../store/index.js';
import { addKey, type FileKey, readKeyFile, removeKey, writeKeyFile } from './key-file.js';
import { type KeyRing, type KeyRingOptions, wrappedKey } from './key-ring.js';
import { plainValue } from './secret-keeper.js';

/** How often the key file is read, and looked for values to seal anew, ms. */
const ROUND_MS = 10_000;
/** How often the store is told what it knows already, ms; well below HOLDER_SILENT_MS. */
const HOLDS_EVERY_MS = 60_000;
/** Values sealed anew per transaction: writes of people must not wait behind them. */
const SLICE = 200;

export interface KeyRotationOptions extends KeyRingOptions {
  readonly ring: KeyRing;
  /** Name of this center, and of its key file. */
  readonly center: string;
  /** True while this center is the one that seals values anew. */
  leads(): boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

export class KeyRotation implements Service {
  readonly name = 'key-rotation';
  private readonly options: KeyRotationOptions;
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;
  /** What reads and writes the key file, one after another. */
  private turns: Promise<unknown> = Promise.resolve();
  private rounds: Promise<void> = Promise.resolve();
  private told = { ids: '', at: Number.NEGATIVE_INFINITY };

  constructor(options: KeyRotationOptions) {
    this.options = options;
  }

  /** Called before the keys are opened: a key that seals from then on is one that this center has. */
  async start(): Promise<void> {
    await this.tell(true);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
    const { book, center } = this.options;
    if (this.told.ids !== '')
      await book()
        .holdsNoMore(center)
        .catch(() => undefined);
  }

  /** Seals with a new key from now on: the last one of the key file or, when that is the one in use and no other center would
   * lack it, one that is made here. Throws CT_CONFLICT. */
  async rotate(audit?: AuditSource): Promise<void> {
    await this.inTurn(async () => {
      const { ring, book } = this.options;
      const keys = await book().keys();
      const newest = keys.at(-1);
      if (newest === undefined)
        throw new CloudTaskError('CT_CONFLICT', 'there is no key yet: no secret was ever written');
      const last = (await readKeyFile(this.options.keyFile))?.at(-1);
      const used = last === undefined || keys.some(({ keyId }) => keyId === last.id);
      const fileKey = used ? await this.newKey() : last;
      await this.tell(true);
      const { marks } = await ring.numbered(newest.number);
      await book().nextKey(wrappedKey(fileKey, marks), newest.number, audit);
      await this.keep(fileKey);
      this.options.log.info({ key: fileKey.id }, 'secrets are sealed with a new key from now on');
    });
    void this.soon();
  }

  /** Has all centers take a key out of their files. Throws CT_CONFLICT while a value needs it. */
  async drop(keyId: string, audit?: AuditSource): Promise<void> {
    await this.options.book().drop(keyId, audit);
    await this.inTurn(() => this.tell(true));
  }

  async use(): Promise<KeyUse> {
    await this.inTurn(() => this.tell(false));
    return this.options.book().use();
  }

  private async newKey(): Promise<FileKey> {
    const { book, center, keyFile, log } = this.options;
    const others = (await book().use()).holders.filter((holder) => holder.center !== center);
    if (others.length > 0) {
      throw new CloudTaskError('CT_CONFLICT', {
        subject: keyFile,
        detail: `the file holds no key that is new, and center ${others.map((other) => `"${other.center}"`).join(', ')} would not have one that is made here`,
        hint: 'ctask center add-secrets-key; then copy the key file to each center, and rotate again',
      });
    }
    const key = await addKey(keyFile);
    log.info({ key: key.id, file: keyFile }, 'a key was added to the key file');
    return key;
  }

  /** Somebody may have put an older copy of the file in its place meanwhile. */
  private async keep(key: FileKey): Promise<void> {
    const { keyFile } = this.options;
    const keys = (await readKeyFile(keyFile)) ?? [];
    if (!keys.some(({ id }) => id === key.id)) await writeKeyFile(keyFile, [...keys, key]);
  }

  private async run(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.soon();
      await clock.sleep(ROUND_MS, signal).catch(() => undefined);
    }
    await this.rounds;
  }

  /** Resolves after a round that begins when no other goes on. */
  private soon(): Promise<void> {
    const round = this.rounds.then(() => this.round());
    this.rounds = round.catch((error: unknown) => {
      const err = messageOf(error);
      this.options.log.warn({ err }, 'the keys of secrets could not be looked after, and will be again');
    });
    return this.rounds;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turns.then(work);
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  private async round(): Promise<void> {
    await this.inTurn(() => this.tell(false));
    const { book, leads } = this.options;
    if (!leads() || (await book().keys()).length < 2) return;
    while (!this.ending.signal.aborted && leads()) if (!(await this.resealSome())) return book().forgetKeys();
  }

  /** Tells the store what the key file holds, when that is news or `now`; and takes dropped keys out of it. */
  private async tell(now: boolean): Promise<void> {
    const { book, center, clock, keyFile, log } = this.options;
    const ids = ((await readKeyFile(keyFile)) ?? []).map(({ id }) => id);
    const text = ids.join();
    const at = clock.monotonic();
    if (ids.length === 0 && this.told.ids === '') return; // no secret was ever written
    if (!now && text === this.told.ids && at - this.told.at < HOLDS_EVERY_MS) return;
    const dropped = await book().holds(center, ids);
    this.told = { ids: text, at };
    let gone = false;
    for (const id of dropped) {
      if (!ids.includes(id) || !(await removeKey(keyFile, id))) continue;
      log.info({ key: id, file: keyFile }, 'a dropped key was taken out of the key file');
      gone = true;
    }
    if (gone) await this.tell(true);
  }

  /** False when no value is left that can be sealed anew. */
  private async resealSome(): Promise<boolean> {
    const { book, ring, log } = this.options;
    const stale = await book().staleValues(SLICE);
    if (stale.length === 0) return false;
    const { number, key } = await ring.newest();
    const values: ResealedValue[] = [];
    for (const value of stale) {
      const { uid, sealed } = value;
      try {
        const plain = plainValue(await ring.numbered(value.keyNumber), value);
        values.push({ uid, sealed, key: value.key, resealed: key.seal(value, value.mark, plain), keyNumber: number });
      } catch (error) {
        // It keeps its key from being dropped, until somebody writes it anew.
        log.error({ err: messageOf(error) }, 'a value of a secret cannot be sealed anew');
      }
    }
    await book().reseal(values);
    return values.length > 0;
  }
}
