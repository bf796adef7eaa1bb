// The dashboard against a real center, on a terminal that is read as text.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type Clock, systemClock } from '../../base/index.js';
import { writeContext } from '../../cli/client/index.js';
import { createDeps } from '../../cli/create-deps.js';
import { runDashboard } from '../../cli/dashboard/main.js';
import type { UiSettings } from '../../cli/dashboard/settings/settings.js';
import type { GlobalOptions } from '../../cli/global-options.js';
import type { Host, Output } from '../../cli/host.js';
import { startCliWorld } from './cli-world.js';
import { TestTerminal } from './dashboard-terminal.js';

const MANIFEST = (name: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}, labels: {team: fin}}
spec:
  schedules: [{cron: "0 2 * * *"}]
  run: {command: [/bin/true]}
---
`;

export interface LifeOptions {
  readonly readOnly?: boolean;
  readonly env?: Record<string, string>;
  /** Flags of the dashboard, e.g. `as`. */
  readonly globals?: GlobalOptions;
  readonly command?: string;
  readonly allNamespaces?: boolean;
  readonly settings?: UiSettings;
}

export interface WorldOptions extends LifeOptions {
  /** Where the context leads to instead of the center itself, e.g. a proxy before it. */
  readonly through?: (url: string) => Promise<string>;
  /** One more context that leads to the same center. */
  readonly context?: string;
  /** Lines of `ctask` to be typed before the dashboard opens. */
  readonly typed?: readonly string[];
}

/** A process on a terminal: what it writes beside the screen is kept. */
export function hostOf(home: string, env: Record<string, string>, written: string[], clock: Clock = systemClock): Host {
  const output: Output = {
    ...{ isTTY: true, columns: 100 },
    write: async (data) => void written.push(typeof data === 'string' ? data : Buffer.from(data).toString()),
  };
  return {
    env: { CTASK_CONFIG: join(home, 'config.yaml'), XDG_CACHE_HOME: join(home, 'cache'), ...env },
    ...{ clock, stdout: output, stderr: output, homeDir: home, platform: process.platform },
    stdin: { isTTY: true, line: async () => undefined, text: async () => '' },
    ...{ version: '1.2.3', onInterrupt: () => () => undefined },
  };
}

export async function openWorld(t: Test, tasks: readonly string[], options: WorldOptions = {}) {
  const { center, user } = await startCliWorld(t);
  const file = join(user.home, 'tasks.yaml');
  writeFileSync(file, tasks.map(MANIFEST).join(''));
  const before = [...(tasks.length > 0 ? [`apply -f ${file}`] : []), ...(options.typed ?? [])];
  for (const line of before) {
    const { code, stderr } = await user.type(line);
    if (code !== 0) throw new Error(`ctask ${line} ended with ${code}: ${stderr}`);
  }
  const { context, through } = options;
  const configured = {
    env: { CTASK_CONFIG: join(user.home, 'config.yaml') },
    homeDir: user.home,
    platform: process.platform,
  };
  const leadTo = (name: string, server: string) =>
    writeContext({ name, server, tokenFile: center.tokenFile }, configured, systemClock);
  if (context !== undefined) await leadTo(context, center.url);
  if (through !== undefined) await leadTo('local', await through(center.url));
  return { center, user, ...openAgain(t, user.home, options) };
}

/** One more dashboard of the user whose home it is. */
export function openAgain(t: Test, home: string, options: LifeOptions = {}) {
  const terminal = new TestTerminal({ columns: 100, rows: 30 });
  const copied: string[] = [];
  const deps = createDeps(hostOf(home, options.env ?? {}, copied));
  deps.globals = options.globals ?? {};
  const { readOnly = false, command, allNamespaces = false, settings } = options;
  const done = runDashboard(deps, terminal.session, {
    ...{ readOnly, allNamespaces },
    ...(command === undefined ? {} : { command }),
    ...(settings === undefined ? {} : { settings }),
  });
  t.teardown(() => {
    if (!t.passing()) t.comment(terminal.text());
    deps.close();
    terminal.end();
  });
  const shows = (...parts: readonly string[]) => terminal.until((text) => parts.every((part) => text.includes(part)));
  const type = async (line: string) => {
    await terminal.type(`:${line}`);
    await terminal.press('enter');
  };
  return { terminal, done, shows, copied, command: type, close: () => deps.close() };
}

export type DashboardWorld = Awaited<ReturnType<typeof openWorld>>;
