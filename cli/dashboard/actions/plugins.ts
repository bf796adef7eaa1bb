// Programs of the user's on keys of the tables (T-58): with the terminal, as the editor has it, or in the background, and then
// what they write is a text to read.
import { type ChildProcess, spawn } from 'node:child_process';
import { CloudTaskError, messageOf } from '../../../base/index.js';
import type { Resource } from '../../client/discovery.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { Plugin } from '../settings/settings.js';
import type { TerminalSession } from '../terminal/session.js';
import type { Line } from '../text/line.js';
import type { Center } from './center.js';
import { show, titleOf } from './texts.js';

/** What is left out beyond that nobody would read in a dashboard. */
const OUTPUT_MAX_BYTES = 1_048_576;
/** A key that repeats must not fill the machine. */
const BACKGROUND_MAX = 4;

interface Call {
  readonly plugin: Plugin;
  readonly resource: Resource;
  readonly object: ApiObject;
  readonly variables: Readonly<Record<string, string>>;
}

export function runPlugin(center: Center, session: TerminalSession) {
  let running = 0;
  const inBackground = async (dashboard: Dashboard, call: Call): Promise<void> => {
    if (running >= BACKGROUND_MAX) {
      dashboard.say(`${BACKGROUND_MAX} programs are running: wait until one has ended`, 'warn');
      return;
    }
    running += 1;
    try {
      await showOutput(dashboard, center, call);
    } finally {
      running -= 1;
    }
  };
  return (dashboard: Dashboard, { selected: object, resource }: TableScreen, plugin: Plugin): void => {
    if (object === undefined) {
      dashboard.say(`there is nothing here to run it on: ${plugin.description}`, 'warn');
      return;
    }
    const go = (call: Call) =>
      dashboard.run(() =>
        plugin.background ? inBackground(dashboard, call) : onTerminal(dashboard, center, session, call),
      );
    dashboard.run(async () => {
      const call = { plugin, resource, object, variables: await variablesOf(center, resource, object) };
      const question = questionAbout(call, () => go(call));
      if (plugin.dangerous) dashboard.askDangerous(question);
      else if (plugin.confirm) dashboard.ask(question);
      else go(call);
    });
  };
}

/** `task default/nightly` */
function about(resource: Resource, object: ApiObject): string {
  const { note, about: name } = titleOf(resource, object);
  return `${note} ${name}`;
}

/** What exactly would run. */
function questionAbout(call: Call, onConfirm: () => void) {
  const { plugin, resource, object } = call;
  const words = [plugin.command, ...argumentsOf(call)].join(' ');
  const lines: Line[] = [
    [{ text: 'Run ' }, { text: safeCell(words), bold: true }],
    [{ text: `for ${safeCell(about(resource, object))}?` }],
  ];
  return { title: plugin.description, lines, confirm: 'Run', onConfirm };
}

/** What it is about, and what `ctask` needs to talk to the same center. */
async function variablesOf({ deps }: Center, { kind }: Resource, { metadata }: ApiObject) {
  const { servers, context, namespace } = await deps.settings();
  const { config } = deps.globals;
  return {
    NAME: metadata.name,
    NAMESPACE: metadata.namespace ?? '',
    CONTEXT: context?.name ?? '',
    KIND: kind,
    SERVER: servers.join(','),
    CTASK_NAMESPACE: metadata.namespace ?? namespace,
    ...(servers.length === 0 ? {} : { CTASK_SERVER: servers.join(',') }),
    ...(context === undefined ? {} : { CTASK_CONTEXT: context.name }),
    ...(config === undefined ? {} : { CTASK_CONFIG: config }),
  };
}

const NAMES = ['NAME', 'NAMESPACE', 'CONTEXT', 'KIND', 'SERVER'] as const;

/** An argument that is `$NAME` as a whole is the value; no value becomes part of a longer one, which may be a script. */
function argumentsOf({ plugin, variables }: Call): string[] {
  return plugin.args.map((arg) => {
    const name = NAMES.find((one) => arg === `$${one}` || arg === `\${${one}}`);
    return name === undefined ? arg : (variables[name] ?? '');
  });
}

async function onTerminal(dashboard: Dashboard, { deps }: Center, session: TerminalSession, call: Call): Promise<void> {
  const { command, description } = call.plugin;
  const env = { ...deps.host.env, ...call.variables };
  const end = await session.suspend(() => ended(spawn(command, argumentsOf(call), { stdio: 'inherit', env }), command));
  if (end !== undefined) dashboard.say(`${description}: ${end}`, 'warn');
}

/** Ends with the dashboard. */
async function showOutput(dashboard: Dashboard, center: Center, call: Call): Promise<void> {
  const { plugin, resource, object } = call;
  const { host, signal } = center.deps;
  const env = { ...host.env, ...call.variables };
  const child = spawn(plugin.command, argumentsOf(call), { stdio: ['ignore', 'pipe', 'pipe'], env, signal });
  const output: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    const room = Math.max(0, OUTPUT_MAX_BYTES - bytes);
    if (room > 0) output.push(chunk.subarray(0, room));
    bytes += chunk.length;
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  dashboard.say(`${plugin.description}: running`);
  const end = await ended(child, plugin.command).catch((error: unknown) => {
    if (signal.aborted) return undefined; // nobody is there to be told
    throw error;
  });
  if (signal.aborted) return;
  dashboard.say(`${plugin.description}: ${end ?? 'done'}`, end === undefined ? 'info' : 'warn');
  if (bytes === 0) return;
  const more = bytes > OUTPUT_MAX_BYTES ? `\n… and ${bytes - OUTPUT_MAX_BYTES} more bytes\n` : '';
  const text = Buffer.concat(output).toString('utf8') + more;
  show(dashboard, center, (screen) => dashboard.open(screen), {
    crumb: 'plugin',
    about: titleOf(resource, object).about,
    note: plugin.description,
    text,
  });
}

/** Resolves when it has ended and all it wrote has come, with words for an end that is none of success. */
function ended(child: ChildProcess, command: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such program' : messageOf(error);
      reject(new CloudTaskError('CT_USAGE', { detail: `cannot run ${command}: ${why}`, cause: error }));
    });
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : signal === null ? `ended with ${code}` : `ended by ${signal}`);
    });
  });
}
