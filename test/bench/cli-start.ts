// How long the CLI takes to start, against bare Node, alternately. Goals 22 and 23.
import { spawn } from 'node:child_process';
import { program, startUp, User } from '../support/ctask.js';
import { median, ms, printReport, report } from './figures.js';

const ROUNDS = 30;

/** Wall milliseconds of one whole process. */
function time(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(performance.now() - began) : reject(new Error(`${args.join(' ')}: exit ${code}`)),
    );
  });
}

const user = new User();
try {
  const up = await startUp(user);
  const commands: Record<string, string[]> = {
    node: ['-e', '0'],
    version: [program, 'version', '--client'],
    help: [program, '--help'],
    get: [program, 'get', 'tasks'],
  };
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS + 2; round++) {
    for (const [name, args] of Object.entries(commands)) {
      const took = await time(args, user.env);
      if (round >= 2) times[name]!.push(took); // two rounds to warm the caches
    }
  }
  const reference = median(times.node!);
  for (const [name, what, goal] of [
    ['version', '22 ctask version --client', 1.6],
    ['help', '22 ctask --help', 1.6],
    ['get', '23 ctask get tasks', 2.3],
  ] as const) {
    const figure = median(times[name]!);
    report(what, ms(figure), `${ms(reference)} node -e 0`, figure / reference, `≤ ${goal}`, figure / reference <= goal);
  }
  await up.end('SIGINT');
} finally {
  await user.go();
}
printReport();
