// The dashboard without its drawing: which screens lie upon one another, what is being typed, which question is open. Keys come
// in, changes are told; components draw what `frame` says.
import { type Clock, isCloudTaskError, type Logger, messageOf } from '../../base/index.js';
import type { Resource } from '../client/discovery.js';
import type { ActionHandlers, TableHandler, TableHandlers } from './actions/handlers.js';
import type { Key } from './keys/key-parser.js';
import { findKey, isOffered, type KeyPlace, type KeyRow, keyOfOtherTable, keysOf, type Scope } from './keys/keymap.js';
import { type PluginRow, pluginRows } from './keys/plugin-keys.js';
import { Dialog, type DialogParts } from './navigation/dialog.js';
import { globalHandlers } from './navigation/global-keys.js';
import { Pointer } from './navigation/pointer.js';
import { Prompt, type PromptParts } from './navigation/prompt.js';
import type { Screen } from './navigation/screen.js';
import { ScreenStack } from './navigation/screen-stack.js';
import { TableScreen, type TableScreenOptions } from './navigation/table-screen.js';
import { Visit } from './navigation/visit.js';
import { NO_SETTINGS, type UiSettings } from './settings/settings.js';
import type { Changes } from './state/changes.js';
import { Flashes } from './state/flash.js';
import { Installation } from './state/installation.js';
import type { Memory } from './state/memory.js';
import type { ObjectSource } from './state/object-source.js';
import type { Rights } from './state/rights.js';
import { Seconds } from './state/seconds.js';
import type { MouseEvent } from './terminal/mouse.js';
import type { Line } from './text/line.js';
import type { FrameModel } from './views/frame-lines.js';

/** Where one is, for the header. */
export interface Identity {
  readonly context: string;
  readonly contexts: readonly string[];
  readonly server: string;
  readonly user: string;
  readonly version: string;
  readonly serverVersion: string | undefined;
  /** Where a mistake costs much: what could be lost is asked for twice. */
  readonly protected: boolean;
}

export interface DashboardParts {
  readonly clock: Clock;
  readonly changes: Changes;
  readonly source: ObjectSource;
  readonly resources: readonly Resource[];
  readonly identity: Identity;
  readonly rights: Rights;
  readonly namespace: string | undefined;
  readonly readOnly: boolean;
  readonly log: Logger;
  readonly actions: ActionHandlers;
  /** Of the lives before; absent: nothing is remembered. */
  readonly memory?: Memory;
  readonly settings?: UiSettings;
  /** Ends the dashboard. */
  readonly quit: () => void;
}

export class Dashboard {
  readonly parts: DashboardParts;
  readonly settings: UiSettings;
  readonly changes: Changes;
  readonly stack: ScreenStack;
  readonly flashes: Flashes;
  readonly installation: Installation;
  /** Of new tables; undefined for all. */
  namespace: string | undefined;
  showHeader = true;
  showCrumbs = true;
  commandHistory: readonly string[];
  filterHistory: readonly string[];
  private prompt: Prompt | undefined;
  private dialog: Dialog | undefined;
  private readonly seconds: Seconds;
  private readonly pointer: Pointer;
  private readonly end = new AbortController();
  /** What goes on in the background. */
  private work: string | undefined;
  /** The screen that is being read for. */
  private visit: Visit | undefined;

  constructor(parts: DashboardParts) {
    this.parts = parts;
    this.settings = parts.settings ?? NO_SETTINGS;
    this.changes = parts.changes;
    this.namespace = parts.namespace;
    this.commandHistory = parts.memory?.saved.commands ?? [];
    this.filterHistory = parts.memory?.saved.filters ?? [];
    this.flashes = new Flashes(parts.clock, () => this.changes.now());
    this.installation = new Installation(parts.source, parts.resources, () => this.namespace);
    this.pointer = new Pointer(parts.clock);
    this.seconds = new Seconds(parts.clock, () => this.changes.now());
    const tasks = parts.resources.find(({ name }) => name === 'tasks') ?? parts.resources[0];
    if (tasks === undefined) throw new Error('the center has no kinds');
    this.stack = new ScreenStack(this.table({ resource: tasks, namespace: this.namespace }));
    this.follow();
  }

  start(): void {
    this.seconds.start();
  }

  stop(): void {
    this.end.abort(new Error('the dashboard has ended'));
    this.visit?.end();
    this.seconds.stop();
    this.flashes.stop();
    this.changes.stop();
    this.stack.close();
    this.parts.source.stop();
  }

  now(): number {
    return this.parts.clock.now();
  }

  press(key: Key): void {
    if (this.dialog !== undefined) this.dialog.press(key);
    else if (this.prompt !== undefined) this.prompt.press(key);
    else this.dispatch(key);
    this.changed();
  }

  /** A question, or what is being typed, is for the keys: a click beside it must do nothing.
   * @param lines what is on the screen. */
  point(event: MouseEvent, lines: () => readonly Line[]): void {
    if (this.dialog !== undefined || this.prompt !== undefined) return;
    const open = () => this.dispatch({ name: 'enter' });
    this.pointer.point(event, { top: this.stack.top, lines, open, back: (crumb) => this.stack.popTo(crumb) });
    this.changed();
  }

  /** What works where one is. */
  get scopes(): readonly Scope[] {
    return [...this.stack.top.scopes, 'global'];
  }

  /** For the keys that are offered. */
  get place(): KeyPlace {
    const { verbs, filterWord, resource } = this.stack.top;
    const may = (row: KeyRow) => this.parts.rights.offers(row, resource?.name);
    return {
      scopes: this.scopes,
      ...(verbs === undefined ? {} : { verbs }),
      ...(filterWord === undefined ? {} : { filterWord }),
      may,
    };
  }

  /** The user's own keys on this screen. */
  get plugins(): readonly PluginRow[] {
    const { top } = this.stack;
    return top instanceof TableScreen && this.hasKind(top.resource) ? pluginRows(this.settings.plugins, top.crumb) : [];
  }

  open(screen: Screen): void {
    this.stack.push(screen);
    this.changed();
  }

  /** Opens a screen that is read for first, unless the user has gone elsewhere meanwhile, or has pressed Esc: what was asked of
   * a center that hangs must not come over what one is at by then. */
  opener(): (screen: Screen) => void {
    this.visit?.end();
    const { top } = this.stack;
    const visit = new Visit(this.parts.clock, () => {
      this.flashes.progress('waiting for the center: <esc> to leave it');
      this.changes.soon();
    });
    this.visit = visit;
    return (screen) => {
      const wanted = this.visit === visit && this.stack.top === top;
      this.leave(visit);
      if (wanted) this.open(screen);
    };
  }

  private leave(visit: Visit | undefined): void {
    if (visit === undefined || this.visit !== visit) return;
    visit.end();
    this.visit = undefined;
    this.flashes.endProgress();
  }

  /** A view of its own, as commands open them. */
  openRoot(screen: Screen): void {
    this.stack.restart(screen);
    this.changed();
  }

  table(options: Omit<TableScreenOptions, 'source' | 'now' | 'onAction'> & { source?: ObjectSource }): TableScreen {
    return new TableScreen({
      source: this.parts.source,
      ...this.ownOf(options.resource),
      ...options,
      now: () => this.now(),
      onAction: (row, key, screen) => this.act(row, key, screen),
    });
  }

  ask(parts: Omit<DialogParts, 'onClose' | 'onRefuse'>): void {
    const onClose = () => {
      this.dialog = undefined;
    };
    this.flashes.clear(); // the last row has the keys of the question
    this.dialog = new Dialog({ ...parts, onClose, onRefuse: (why) => this.say(why, 'warn') });
    this.changed();
  }

  /** Something could be lost. In a protected context its name must be typed (T-25). */
  askDangerous(parts: Omit<DialogParts, 'onClose' | 'onRefuse' | 'dangerous' | 'refusal'>): void {
    const { context, protected: guarded } = this.parts.identity;
    if (!guarded) {
      this.ask({ ...parts, dangerous: true });
      return;
    }
    const typed = { label: `Type ${context}`, value: '' };
    const refusal = () => (typed.value === context ? undefined : `this context is protected: type ${context}`);
    this.ask({ ...parts, dangerous: true, fields: [...(parts.fields ?? []), typed], refusal });
  }

  type(parts: PromptParts): void {
    this.prompt = new Prompt(parts);
    this.changed();
  }

  closePrompt(): void {
    this.prompt = undefined;
  }

  say(text: string, level: 'info' | 'warn' | 'error' = 'info'): void {
    if (this.ended.aborted) return;
    this.flashes.show(text, level);
    // A message is gone after some seconds; what went wrong can be read later (T-61).
    if (level !== 'info') this.parts.log.warn({ text, context: this.parts.identity.context }, 'told on the screen');
  }

  /** Aborted when the dashboard is left. */
  get ended(): AbortSignal {
    return this.end.signal;
  }

  /** Begins work on many objects that tells how far it is. One at a time: undefined while another goes on, which is told. */
  begin(work: string): { progress(text: string): void; end(): void } | undefined {
    if (this.work !== undefined) {
      this.say(`${this.work} goes on: wait for its end`, 'warn');
      return undefined;
    }
    this.work = work;
    return {
      progress: (text) => {
        if (this.ended.aborted) return;
        this.flashes.progress(text);
        this.changes.soon();
      },
      end: () => {
        this.work = undefined;
        this.flashes.endProgress();
      },
    };
  }

  /** Work that takes a while; what goes wrong is told at the bottom of the screen (T-61). */
  run(work: () => Promise<void>): void {
    const before = this.visit;
    const done = work();
    // What it has begun to read for, if anything, is over with it.
    const visit = this.visit === before ? undefined : this.visit;
    done.then(
      () => {
        this.leave(visit);
        this.changed();
      },
      (error: unknown) => {
        this.leave(visit);
        this.say(messageOf(error), 'error');
        if (isCloudTaskError(error, 'CT_FORBIDDEN')) this.renewRights();
        this.changed();
      },
    );
  }

  /** They may be others by now. */
  renewRights(): void {
    void this.parts.rights.renew().then(() => this.changes.soon());
  }

  /** Follows what is on the screens, and draws. */
  changed(): void {
    if (this.ended.aborted) return; // work that ends later must not begin to follow again
    this.follow();
    this.remember();
    this.changes.now();
  }

  frame(): FrameModel {
    const { identity, readOnly, source } = this.parts;
    const { top } = this.stack;
    const staleSince = source.staleSince();
    // What is not current is told as it was then.
    const facts = this.installation.facts(Math.min(this.now(), staleSince ?? Number.POSITIVE_INFINITY));
    const digits = top instanceof TableScreen && top.switchesNamespace;
    const keys = keysOf(this.place, readOnly);
    const plugins = this.plugins.filter(({ writes }) => !(writes && readOnly));
    const everywhere = keys.findIndex(({ scope }) => scope === 'global');
    const hints = keys.toSpliced(everywhere, 0, ...plugins).filter((row) => row.hint && this.isUseful(row));
    return {
      screen: top,
      crumbs: this.stack.all.map(({ crumb }) => crumb),
      header: { ...identity, readOnly, ...facts, favourites: digits ? facts.favourites : [], hints },
      showHeader: this.showHeader,
      showCrumbs: this.showCrumbs,
      staleSince,
      prompt: this.prompt,
      dialog: this.dialog,
      flash: this.flashes.current,
    };
  }

  /** What does nothing on this screen needs no place in the header. */
  private isUseful({ scope, action }: KeyRow): boolean {
    if (scope !== 'global') return true;
    const { top } = this.stack;
    if (action === 'filter') return top.filterText !== undefined || top.askFilter !== undefined;
    return action !== 'back' || this.stack.all.length > 1;
  }

  private dispatch({ name }: Key): void {
    if (name === 'esc' && this.visit !== undefined) {
      this.leave(this.visit);
      return;
    }
    const plugin = this.plugins.find(({ keys }) => keys.includes(name));
    const row = findKey(this.scopes, name) ?? plugin;
    if (row === undefined) {
      const elsewhere = this.stack.top instanceof TableScreen ? keyOfOtherTable(name) : undefined;
      if (elsewhere !== undefined)
        this.say(`<${name}> is for ${elsewhere.scope}: ${elsewhere.help.toLowerCase()}`, 'warn');
      return;
    }
    if (row.writes && this.parts.readOnly) {
      this.say(`<${name}> is refused: read-only mode`, 'warn');
      return;
    }
    if (!isOffered(row, this.stack.top.verbs)) {
      this.say(`${this.stack.top.crumb} have no <${name}>: ${row.help.toLowerCase()}`, 'warn');
      return;
    }
    if (row === plugin) this.parts.actions.runPlugin(this, this.stack.top as TableScreen, plugin.plugin);
    else if (row.scope === 'global') globalHandlers[row.action as keyof typeof globalHandlers](this);
    else this.stack.top.handle(row, name);
  }

  private act(row: KeyRow, key: string, screen: TableScreen): void {
    const handlers: Partial<Record<string, TableHandler>> = this.parts.actions as TableHandlers;
    const handler = handlers[`${row.scope}.${row.action}`];
    if (handler === undefined) return;
    this.run(async () => handler(this, screen, key));
  }

  /** What the user has made of tables of a kind; what the center knows nothing of has columns of its own. */
  private ownOf(resource: Resource): Pick<TableScreenOptions, 'look' | 'onLook' | 'ownColumns'> {
    const { memory } = this.parts;
    if (!this.hasKind(resource)) return {};
    const { name } = resource;
    const ownColumns = this.settings.columns.get(name);
    if (memory === undefined) return { ownColumns };
    const onLook = ({ sort, wide }: TableScreen) => memory.keepLook(name, { sort, wide });
    return { ownColumns, look: memory.lookOf(name), onLook };
  }

  private hasKind({ name }: Resource): boolean {
    return this.parts.resources.some((resource) => resource.name === name);
  }

  private remember(): void {
    const { namespace, filterHistory: filters, commandHistory: commands } = this;
    this.parts.memory?.keep({ view: this.stack.all[0]?.command, namespace, filters, commands });
  }

  private follow(): void {
    const queries = this.stack.all.flatMap((screen) => [...screen.queries]);
    this.parts.source.keep([...this.installation.queries, ...queries]);
  }
}
