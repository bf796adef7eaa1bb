// What a dashboard remembers from one life to the next, in a file per context (T-57). Several may write the same file: each
// writes it whole, by a name of its own that then takes the place of the old one, so that the file is always one of theirs.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, type Logger, messageOf, type Timer } from '../../../base/index.js';
import {
  mergeSaved,
  NOTHING_SAVED,
  parseSaved,
  type SavedLook,
  type SavedPlace,
  type SavedState,
  savedText,
} from './saved-state.js';

/** What changes within this time is written once. */
const SAVE_AFTER_MS = 1_000;
/** Ours have some KiB. */
const FILE_MAX_BYTES = 262_144;
const FILE_NAME_MAX = 200;

export interface MemoryParts {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The namespace of the configuration. */
  readonly configured: string;
}

/** Where one is, and what was typed: what the dashboard knows of itself. */
export interface Whereabouts extends Pick<SavedState, 'filters' | 'commands'> {
  /** As typed behind `:`. */
  readonly view: string | undefined;
  /** Undefined for all. */
  readonly namespace: string | undefined;
}

export class Memory {
  /** What was in the file at the beginning. */
  readonly saved: SavedState;
  private readonly parts: MemoryParts;
  private mine: SavedState = NOTHING_SAVED;
  private noted: Whereabouts | undefined;
  private timer: Timer | undefined;
  private unsaved = false;
  private refused = false;

  /** Reads the file. */
  constructor(parts: MemoryParts) {
    this.parts = parts;
    this.saved = this.read((why) =>
      parts.log.warn({ file: parts.file, why }, 'what was saved of the dashboard is ignored'),
    );
  }

  /** Where one was, unless the configuration has named another place since. */
  get place(): SavedPlace | undefined {
    const { place } = this.saved;
    return place?.configured === this.parts.configured ? place : undefined;
  }

  lookOf(kind: string): SavedLook | undefined {
    return this.mine.looks.get(kind) ?? this.saved.looks.get(kind);
  }

  /** Another order or other columns for the tables of that kind. */
  keepLook(kind: string, look: SavedLook): void {
    const looks = new Map(this.mine.looks);
    looks.delete(kind); // the latest is the last
    this.mine = { ...this.mine, looks: looks.set(kind, look) };
    this.saveSoon();
  }

  /** Called whenever something may be different. */
  keep(now: Whereabouts): void {
    const before = this.noted;
    const names = ['view', 'namespace', 'filters', 'commands'] as const;
    if (before !== undefined && names.every((name) => now[name] === before[name])) return;
    this.noted = now;
    const { view, namespace, filters, commands } = now;
    const place = { namespace, configured: this.parts.configured };
    this.mine = { ...this.mine, ...(view === undefined ? {} : { view }), place, filters, commands };
    this.saveSoon();
  }

  /** Writes what is not written yet, before it returns: the process may be ending. */
  flush(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (!this.unsaved) return;
    this.unsaved = false;
    const { file, log } = this.parts;
    try {
      this.write(savedText(mergeSaved(this.read(), this.mine)));
      this.refused = false;
    } catch (error) {
      // Told once: a disk that is full stays so for a while, and the dashboard works without.
      if (!this.refused) log.warn({ file, why: messageOf(error) }, 'the state of the dashboard cannot be saved');
      this.refused = true;
    }
  }

  private saveSoon(): void {
    this.unsaved = true;
    this.timer ??= this.parts.clock.timerAfter(SAVE_AFTER_MS, () => this.flush());
  }

  private read(onIgnored: (why: string) => void = () => undefined): SavedState {
    const { file } = this.parts;
    try {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found === undefined) return NOTHING_SAVED;
      // Reading something that is no file could wait for ever.
      const strange = !found.isFile()
        ? 'it is not a file'
        : found.size > FILE_MAX_BYTES
          ? 'it is too large'
          : undefined;
      const saved = strange === undefined ? parseSaved(readFileSync(file, 'utf8')) : undefined;
      if (saved !== undefined) return saved;
      onIgnored(strange ?? 'it is not of this program');
    } catch (error) {
      onIgnored(messageOf(error));
    }
    return NOTHING_SAVED;
  }

  private write(text: string): void {
    const { file } = this.parts;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}

/** The file of a context below `directory`; of an address where no context is in use. */
export function memoryFile(directory: string, where: { readonly context?: string; readonly server: string }): string {
  const { context, server } = where;
  const name = encodeURIComponent(context === undefined ? `server ${server}` : `context ${context}`);
  return join(directory, 'ui', `${name.replaceAll('%20', '-').slice(0, FILE_NAME_MAX)}.json`);
}
