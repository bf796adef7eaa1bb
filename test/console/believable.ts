// An installation as it might be in use: several agents, people, a day of runs, something that fails and something that takes long.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import type { Agent, Notifier, Run, Task } from '../../manifests/index.js';
import { program, Running, repository, User } from '../support/ctask.js';
import { MailServer } from '../support/smtp.js';
import { ARGUMENTS, CHROMIUM, type ConsoleWorld, type EndsLast } from './browser.js';
import { writePast } from './past.js';

const HOURS = 24;
/** Label of what runs for an hour. */
const LONG = 'team=media';
/** Notifiers that cannot send. */
const BROKEN = [
  ['chat', 'shop'],
  ['on-call', 'cloudtask-system'],
] as const;
const EXAMPLES = ['calendar', 'dependencies', 'nightly-report', 'one-shot', 'parameters', 'retries'];

export interface BelievableWorld extends ConsoleWorld {
  /** Of the first log-in of the administrator, who then has to choose another one. */
  readonly password: string;
  /** One that failed, and one that runs. */
  readonly failed: Run;
  readonly running: Run;
}

/** As a machine of this name: agents tell theirs. It takes Linux; what runs keeps its process id. */
function onMachine(user: User, name: string, args: readonly string[]): Running {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const child = spawn(
    'unshare',
    [...asRoot, '--uts', 'sh', '-c', `hostname ${name} && exec "$0" "$@"`, process.execPath, program, ...args],
    { env: user.env, cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return new Running(child);
}

async function writePackage(user: User, name: string, namespace: string, script: string): Promise<void> {
  const directory = join(user.home, 'program');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'run.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await user.ok(['create', 'package', name, '-n', namespace, '--from', directory]);
}

/** @throws Error where `unshare` is not allowed */
export async function startBelievableWorld(t: EndsLast): Promise<BelievableWorld> {
  const user = new User();
  const mail = new MailServer();
  await mail.start();
  user.env.CTASK_NOTIFY_ALLOW = 'localhost';
  const parts: Running[] = [];
  let browser: Browser | undefined;
  t.teardown(async () => {
    await browser?.close();
    // Runners outlive their agents for as long as anything runs.
    await user.ctask(['cancel', '-n', 'data', '-l', LONG]);
    await user
      .eventually<{ items: Run[] }>(['get', 'runs', '-n', 'data', '-l', LONG], ({ items }) =>
        items.every(({ status }) => status?.endTime !== undefined),
      )
      .catch(() => undefined);
    for (const part of parts.reverse()) await part.end('SIGINT');
    await mail.stop();
    await user.go();
  });
  const start = (name: string, args: readonly string[]) => {
    const part = onMachine(user, name, args);
    parts.push(part);
    return part;
  };
  const dataDir = join(user.home, 'up');
  const startUp = async () => {
    const up = start('eu-1', ['up', '--data-dir', dataDir, '--port', '0']);
    await up.until(({ stdout }) => stdout.includes('Ctrl-C ends everything'), 'ctask up becomes ready', 60_000);
    return up;
  };

  // First with everything that the past is about, then without a center while the past is written.
  const first = await startUp();
  const password = /one-time password (\S+)/.exec(first.stdout)?.[1] ?? '';
  const manifests = join(user.home, 'believable.yaml');
  const text = readFileSync(join(repository, 'test', 'console', 'believable.yaml'), 'utf8');
  writeFileSync(manifests, text.replace('port: 2525', `port: ${mail.port}`));
  await user.ok(['apply', '-f', manifests, ...EXAMPLES.flatMap((name) => ['-f', join('examples', name)])]);
  const { items } = await user.eventually<{ items: Task[] }>(['get', 'tasks', '-A'], (list) =>
    list.items.every(({ spec, status }) => spec.cluster === 'batch' || status?.allocations !== undefined),
  );
  await first.end('SIGINT');
  await writePast(join(dataDir, 'center', 'store.db'), items, HOURS);

  const up = await startUp();
  const more = /ctask agent --name \S+ (.+)/.exec(up.stdout)![1]!.split(/\s+/).filter(Boolean);
  const agents = [
    ['eu-2', 'default', 'zone=b'],
    ['eu-3', 'default', 'zone=c'],
    ['batch-1', 'batch', 'zone=a'],
    ['batch-2', 'batch', 'zone=b'],
  ] as const;
  for (const [name, cluster, label] of agents) {
    const own = ['--name', name, '--cluster', cluster, '--labels', label, '--data-dir', join(user.home, name)];
    start(name, ['agent', ...own, ...more]);
  }
  const ready = (names: readonly string[]) => (list: { items: Agent[] }) =>
    names.every((name) => list.items.some((agent) => agent.metadata.name === name && agent.status?.state === 'Ready'));
  await user.eventually(['get', 'agents'], ready(['eu-1', ...agents.map(([name]) => name)]), 60_000);
  await user.ok(['cordon', 'eu-3']);

  await writePackage(user, 'previews', 'data', 'echo previews');
  await writePackage(user, 'previews', 'data', 'echo previews, twice as fast');

  for (const name of ['video-previews', 'model-training']) await user.ok(['run', name, '-n', 'data']);
  const failing = await user.ctask(['run', 'payment-reconcile', '-n', 'billing', '--wait']);
  if (failing.code === 0) throw new Error('payment-reconcile should fail');
  await user.ok(['notifier', 'test', 'finance', '-n', 'billing']);
  for (const [name, namespace] of BROKEN) await user.ctask(['notifier', 'test', name, '-n', namespace]);
  // All pages are to tell the same of them.
  await user.eventually<{ items: Notifier[] }>(['get', 'notifiers', '-A'], ({ items }) =>
    BROKEN.every(([name]) =>
      items.some(({ metadata, status }) => metadata.name === name && status?.lastError !== undefined),
    ),
  );
  await user.eventually(
    ['get', 'notifier', 'finance', '-n', 'billing'],
    ({ status }: Notifier) => (status?.sent ?? 0) > 1,
  );
  await user.ok(['create', 'token', '--serviceaccount', 'deploy', '--expires', '30d']);
  const runs = (selector: string, state: string) =>
    user.eventually<{ items: Run[] }>(['get', 'runs', '-A', '--field-selector', selector], (list) =>
      list.items.some(({ status }) => status?.state === state),
    );
  const failed = (await runs('spec.task=payment-reconcile', 'Failed')).items.find(
    ({ spec }) => spec.trigger === 'Manual',
  )!;
  const running = (await runs('spec.task=video-previews', 'Running')).items.find(
    ({ status }) => status?.state === 'Running',
  )!;

  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const tokenFile = /token in (.+)\)/.exec(up.stdout)![1]!;
  const url = /up at (\S+)/.exec(up.stdout)![1]!;
  return { user, url, token: readFileSync(tokenFile, 'utf8').trim(), browser, password, failed, running };
}
