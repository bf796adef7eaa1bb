// `ctask ui --plain`: the dashboard for those who listen, line by line, without a screen (T-60). Lines go in and lines come out, and
// nothing but them: no sequence moves a cursor, sets a colour or takes a mode of the terminal.
import { isCloudTaskError, messageOf } from '../../../base/index.js';
import { connect as connectApi } from '../../client/connect.js';
import { findResource, type Resource } from '../../client/discovery.js';
import type { Settings } from '../../client/settings.js';
import type { CliDeps } from '../../deps.js';
import { escapeControls } from '../../output/terminal-safety.js';
import { Center } from '../actions/center.js';
import { type KindCommand, parseCommand } from '../navigation/commands.js';
import { TableScreen } from '../navigation/table-screen.js';
import type { UiSettings } from '../settings/settings.js';
import { ObjectStore } from '../state/object-store.js';
import { plainCommands } from './plain-commands.js';
import { PlainView } from './plain-view.js';

export interface PlainOptions {
  readonly settings: UiSettings;
  /** First view, as typed. */
  readonly command?: string;
  readonly allNamespaces?: boolean;
}

const PROMPT = '> ';
const IGNORE = () => undefined;

/** Resolves with the exit code when the user quits, or there are no more lines. Throws when there is no center at the beginning.
 * @param open what is typed; asked for once somebody can answer, since lines before that would be lost. */
export async function runPlain(
  deps: CliDeps,
  options: PlainOptions,
  open: () => AsyncIterable<string>,
): Promise<number> {
  const client = await deps.settings();
  const resources = await (await deps.discovery()).resources();
  const namespace = options.allNamespaces ? undefined : client.namespace;
  const dashboard = new PlainDashboard(deps, { client, resources, namespace, settings: options.settings });
  try {
    dashboard.say(['type help for what you can type']);
    await dashboard.answer(options.command ?? 'tasks');
    dashboard.ask();
    for await (const line of open()) {
      if ((await dashboard.answer(line)) === 'quit') break;
      dashboard.ask();
    }
  } finally {
    dashboard.stop();
  }
  return 0;
}

interface PlainParts {
  readonly client: Settings;
  readonly resources: readonly Resource[];
  readonly settings: UiSettings;
  readonly namespace: string | undefined;
}

class PlainDashboard {
  private readonly deps: CliDeps;
  private readonly parts: PlainParts;
  private readonly center: Center;
  private readonly source: ObjectStore;
  private namespace: string | undefined;
  private view: PlainView | undefined;
  private asking = false;

  constructor(deps: CliDeps, parts: PlainParts) {
    const { host, clock, signal } = deps;
    this.deps = deps;
    this.parts = parts;
    this.center = new Center(deps);
    this.namespace = parts.namespace;
    this.source = new ObjectStore({
      clock,
      connect: async (ends) => connectApi(parts.client, host, AbortSignal.any([signal, ends]), IGNORE, IGNORE),
      onChange: () => this.view?.changed(),
    });
  }

  stop(): void {
    this.view?.stop();
    this.source.stop();
  }

  /** A prompt, where somebody types. */
  ask(): void {
    if (!this.deps.host.stdin.isTTY) return;
    this.asking = true;
    void this.deps.out(PROMPT);
  }

  /** Does what the line says; what goes wrong is told. */
  async answer(line: string): Promise<'quit' | undefined> {
    this.asking = false;
    const typed = line.trim().replace(/^:/, '');
    if (typed === '') return undefined;
    try {
      return await this.run(typed);
    } catch (error) {
      if (!isCloudTaskError(error) && this.deps.signal.aborted) return 'quit';
      this.say([`error: ${messageOf(error)}`]);
      return undefined;
    }
  }

  private async run(line: string): Promise<'quit' | undefined> {
    const { view } = this;
    const [word = '', ...rest] = line.split(/\s+/);
    const command = plainCommands.find(({ name }) => name === word.toLowerCase());
    if (line.startsWith('/')) await this.filter(line.slice(1));
    else if (word === 'more') view?.more();
    else if (command !== undefined && view !== undefined) {
      this.say((await command.run(this.center, view.screen, rest.join(' '))).trimEnd().split('\n'));
    } else return this.runShared(line);
    return undefined;
  }

  /** The commands of the dashboard with a screen, as far as they need none. */
  private async runShared(line: string): Promise<'quit' | undefined> {
    const { resources, settings } = this.parts;
    const parsed = parseCommand(line, resources, settings.aliases);
    if ('wrong' in parsed) this.say([`error: ${parsed.wrong}`]);
    else if ('kind' in parsed) await this.openKind(parsed.kind);
    else if (parsed.command === 'quit') return 'quit';
    else if (parsed.command === 'help') this.say(this.help());
    else if (parsed.command === 'alias')
      this.say(resources.map(({ name, shortNames = [] }) => [name, ...shortNames].join(', ')));
    else this.say([`${parsed.command} needs the screen: it is not there with --plain`]);
    return undefined;
  }

  private async openKind({ resource, namespace, filter, labelSelector, context }: KindCommand): Promise<void> {
    if (context !== undefined) {
      this.say(['another context is another ctask ui --plain --context NAME']);
      return;
    }
    // `ns billing` goes there, as the namespaces are for.
    const target =
      resource.name === 'namespaces' && namespace !== undefined
        ? findResource(this.parts.resources, 'tasks')
        : resource;
    if (namespace !== undefined) this.namespace = namespace === 'all' ? undefined : namespace;
    await this.show(target ?? resource, {
      ...(filter === undefined ? {} : { filter }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
  }

  private async filter(filter: string): Promise<void> {
    if (this.view === undefined) return;
    const { resource, options } = this.view.screen;
    const { labelSelector } = options;
    await this.show(resource, { filter, ...(labelSelector === undefined ? {} : { labelSelector }) });
  }

  private async show(resource: Resource, by: { filter?: string; labelSelector?: string }): Promise<void> {
    const { clock, signal } = this.deps;
    const { source } = this;
    this.view?.stop();
    const ownColumns = this.parts.settings.columns.get(resource.name);
    const { namespace } = this;
    const screen = new TableScreen({
      ...{ resource, source, namespace, ownColumns, ...by },
      now: () => clock.now(),
      onAction: IGNORE,
    });
    source.keep(screen.queries);
    this.view = new PlainView({ screen, clock, say: (lines) => this.say(lines) });
    await this.view.begin(signal);
  }

  private help(): string[] {
    const own = plainCommands.map(
      ({ name, argument, help }) => `${name}${argument === undefined ? '' : ` ${argument}`}: ${help}`,
    );
    const { settings, resources } = this.parts;
    return [
      'tasks, or another kind: its rows, and then what becomes of them',
      'tasks NAMESPACE, tasks all: those of a namespace, of all',
      '/TEXT: only the rows that match; / alone ends that',
      'more: the following rows',
      ...own,
      ...[...settings.aliases].map(([name, line]) => `${name}: ${line}`),
      `alias: the names of the ${resources.length} kinds`,
      'quit: the end, as Control D is',
    ];
  }

  /** What is told while somebody types begins on a line of its own. The prompt is not said again: it would be read out each time. */
  say(lines: readonly string[]): void {
    const text = lines.map((line) => `${escapeControls(line)}\n`).join('');
    void this.deps.out(this.asking ? `\n${text}` : text);
    this.asking = false;
  }
}
