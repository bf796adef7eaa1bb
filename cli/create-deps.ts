import type { Command } from 'commander';
import { messageOf } from '../base/index.js';
import type { Api } from './client/api.js';
import { connect } from './client/connect.js';
import { Discovery, discoveryCacheFile } from './client/discovery.js';
import { resolveSettings, type Settings } from './client/settings.js';
import type { CliDeps } from './deps.js';
import type { GlobalOptions } from './global-options.js';
import type { Host, InterruptSignal } from './host.js';
import { harmless } from './output/terminal-safety.js';

/** CliDeps plus what only runCli uses. */
export interface RunningDeps extends CliDeps {
  globals: GlobalOptions;
  program: Command | undefined;
  /** Warnings that the center sent. */
  readonly warnings: number;
  /** `prod (from ~/.config/ctask/config.yaml)`; undefined when no context is in use. */
  describeContext(): Promise<string | undefined>;
  runInterruptHook(signal: InterruptSignal): Promise<void>;
  /** Ends whatever the command has left open. */
  close(): void;
}

export function createDeps(host: Host, lookHere?: CliDeps['lookHere']): RunningDeps {
  const abort = new AbortController();
  let exit = 0;
  let hook: ((signal: InterruptSignal) => Promise<void>) | undefined;
  let settings: Promise<Settings> | undefined;
  let api: Promise<Api> | undefined;
  let discovery: Promise<Discovery> | undefined;
  let warnings = 0;
  const told = new Set<string>();
  const warn = (text: string): void => {
    warnings += 1;
    // Of several objects the center says which one it means; here the place in the file has said it.
    if (!told.has(text) && !told.has(text.replace(/^[A-Z]\w* \S+: /, ''))) void say(`Warning: ${text}`);
  };
  const say = (line: string) => host.stderr.write(`${host.stderr.isTTY ? harmless(line) : line}\n`);
  const deps: RunningDeps = {
    host,
    ...(lookHere === undefined ? {} : { lookHere }),
    clock: host.clock,
    globals: {},
    program: undefined,
    get exit() {
      return exit;
    },
    get warnings() {
      return warnings;
    },
    signal: abort.signal,
    settings() {
      settings ??= loadSettings(deps, say);
      return settings;
    },
    api() {
      api ??= deps.settings().then((settings) => connect(settings, host, abort.signal, (line) => void say(line), warn));
      return api;
    },
    discovery() {
      discovery ??= deps
        .api()
        .then(
          (client) => new Discovery(client, discoveryCacheFile(host, client.server, deps.globals.cacheDir), host.clock),
        );
      return discovery;
    },
    // Whatever a command forgets: a text does nothing to a terminal but colour it. Bytes are what somebody asked for as they are.
    out: (data) => host.stdout.write(typeof data === 'string' && host.stdout.isTTY ? harmless(data) : data),
    say,
    told(warning) {
      told.add(warning);
    },
    atInterrupt(next) {
      hook = next;
    },
    setExit(code) {
      exit = code;
    },
    async describeContext() {
      const { context } = await deps.settings();
      const elsewhere = deps.globals.server ?? host.env.CTASK_SERVER; // the address did not come from the context
      return context === undefined || elsewhere !== undefined
        ? undefined
        : `${context.name} (from ${tilde(context.file, host.homeDir)})`;
    },
    async runInterruptHook(signal) {
      try {
        await hook?.(signal);
      } catch (error) {
        await say(`error: ${messageOf(error)}`);
      } finally {
        abort.abort(new Error('interrupted'));
      }
    },
    close() {
      abort.abort(new Error('the command has ended'));
    },
  };
  return deps;
}

async function loadSettings(deps: RunningDeps, say: (line: string) => Promise<void>): Promise<Settings> {
  const settings = await resolveSettings(deps.host, deps.globals);
  for (const warning of settings.warnings) await say(`Warning: ${warning}`);
  return settings;
}

function tilde(path: string, home: string): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
