// ctask notifier test: whether what a Notifier says can be sent, now.
import type { Command } from 'commander';
import { CloudTaskError, parseDuration } from '../../base/index.js';
import type { NotifierTest } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { oneName, usage } from '../resources/target.js';

const NAMES = ['notifier', 'notifiers', 'nt'] as const;
/** How often the center is asked what became of it. */
const LOOK_MS = 300;

export function defineNotifier(program: Command, deps: CliDeps): void {
  const group = program.command('notifier').description('Try how people and programs are told of what has happened');
  addExamples(group, [
    { say: 'Send a test', run: 'ctask notifier test ops' },
    { say: 'And wait for ten seconds at most', run: 'ctask notifier test ops --timeout 10s' },
  ]);
  const test = group
    .command('test')
    .description('Send a test by a Notifier to its own recipients, and wait for what becomes of it')
    .argument('<notifier>', 'NAME or notifier/NAME')
    .option('--timeout <duration>', 'longest time to wait', '1m');
  addExamples(test, [
    { say: 'One of this namespace', run: 'ctask notifier test ops' },
    { say: 'Of another one', run: 'ctask notifier test notifier/ops -n billing --timeout 2m' },
  ]).action((word: string, { timeout }: { timeout: string }) => runTest(oneName(word, NAMES).name, timeout, deps));
}

/** Ends with 1 when it could not be sent, and with 8 when nobody has tried. Throws CT_USAGE. */
export async function runTest(name: string, timeout: string, deps: CliDeps): Promise<void> {
  const waitMs = parseDuration(timeout);
  if (waitMs === undefined) throw usage(`--timeout "${timeout}" is not a duration such as 30s`);
  const [api, { namespace }] = [await deps.api(), await deps.settings()];
  const path = resourcePath('notifiers', namespace, name);
  let test = await api.send<NotifierTest>('POST', `${path}/test`);
  const deadline = deps.clock.monotonic() + waitMs;
  while (test.state === 'Pending' && test.attempts === 0) {
    if (deps.clock.monotonic() >= deadline) {
      const detail = `no center has tried it within ${timeout}`;
      throw new CloudTaskError('CT_TIMEOUT', { subject: `notifier/${name}`, detail });
    }
    await deps.clock.sleep(LOOK_MS, deps.signal);
    test = await api.get<NotifierTest>(`${path}/tests/${test.id}`);
  }
  const { state, error } = test;
  if (state !== 'Sent') {
    throw new CloudTaskError('CT_UNAVAILABLE', { subject: `notifier/${name}`, detail: error ?? 'it was not sent' });
  }
  await deps.out(`notifier.cloudtask.dev/${name} tested: it was sent${error === undefined ? '' : `, but ${error}`}\n`);
}
