import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FakeClock, silentLogger } from '../../base/index.js';
import { platform } from '../platform/index.js';
import { Launcher } from './launcher.js';
import type { LaunchOutcome, LaunchRequest } from './runner.js';

/** A launcher by a clock of the test; what it starts are real processes. */
function launching(t: Test) {
  const dataDir = t.testdir();
  const clock = new FakeClock();
  const launcher = new Launcher({
    ...{ clock, platform, log: silentLogger },
    running: ({ child }) => t.teardown(() => child?.kill('SIGKILL')),
    idle: () => undefined,
  });
  const outcomes: LaunchOutcome['kind'][] = [];
  const launch = (name: string, times: Pick<LaunchRequest, 'notBefore' | 'startBefore' | 'waitMs'>) => {
    const directory = join(dataDir, name);
    mkdirSync(directory);
    const env = { PATH: process.env.PATH ?? '' };
    launcher.launch(
      { directory, argv: ['true'], env, workingDir: dataDir, gracePeriodMs: 0, ...times },
      {
        watcher: { exited: () => undefined },
        launched: ({ kind }) => void outcomes.push(kind),
        refused: (message) => t.fail(message),
      },
    );
    return directory;
  };
  return { clock, launcher, launch, outcomes };
}

t.test('a wall clock that is set ahead does not make a start come early', async (t) => {
  const { clock, launcher, launch, outcomes } = launching(t);
  const notBefore = clock.now() + 8_000;
  launch('a', { notBefore });
  const withdrawn = launch('b', { notBefore });
  await clock.advance(1_000);
  clock.stepWall(3_600_000);
  await clock.advance(6_999);
  t.same(outcomes, [], 'nor does it while it waits for the time by the other clock');
  t.ok(launcher.withdraw(withdrawn), 'what waits can be taken back');
  await clock.advance(1);
  t.same(outcomes, ['aborted', 'started']);
});

t.test('nor when it was set on the way from the claim to the launcher', async (t) => {
  const { clock, launch, outcomes } = launching(t);
  const notBefore = clock.now() + 5_000;
  clock.stepWall(6_000);
  launch('a', { notBefore, waitMs: 5_000 });
  await clock.advance(4_999);
  t.same(outcomes, []);
  await clock.advance(1);
  t.same(outcomes, ['started']);
});

t.test('a clock that is set ahead for a while costs no more than that while', async (t) => {
  const { clock, launch, outcomes } = launching(t);
  launch('a', { notBefore: clock.now() + 5_000 });
  clock.stepWall(6_000);
  await clock.advance(2_000);
  clock.stepWall(-3_606_000); // far back, by somebody who errs
  await clock.advance(10_000);
  t.same(outcomes, [], 'never before the time by the wall clock');
  clock.stepWall(3_600_000);
  await clock.advance(1_000);
  t.same(outcomes, ['started']);
});

t.test('small corrections of the clock are followed', async (t) => {
  const { clock, launch, outcomes } = launching(t);
  launch('a', { notBefore: clock.now() + 5_000 });
  clock.stepWall(1_500);
  await clock.advance(3_499);
  t.same(outcomes, []);
  await clock.advance(1);
  t.same(outcomes, ['started']);
});
