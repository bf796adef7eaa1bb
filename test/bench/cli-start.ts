// How long the CLI takes to start, against bare Node and against kubectl where it is installed (CTASK_BENCH_KUBECTL names
// another one), alternately. Goals 22 and 23; and how long somebody waits who presses TAB (row C-84).
import { spawn, spawnSync } from 'node:child_process';
import { program, startUp, User } from '../support/ctask.js';
import { median, ms, printReport, report } from './figures.js';

const ROUNDS = 30;

/** Wall milliseconds of one whole process. */
function time([command, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command ?? '', args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(performance.now() - began) : reject(new Error(`${args.join(' ')}: exit ${code}`)),
    );
  });
}

const kubectl = process.env.CTASK_BENCH_KUBECTL ?? 'kubectl';
const found = spawnSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
const kubectlVersion = /"gitVersion": "([^"]+)"/.exec(found.stdout ?? '')?.[1];
const node = process.execPath;

const user = new User();
try {
  const up = await startUp(user);
  const commands: Record<string, string[]> = {
    node: [node, '-e', '0'],
    version: [node, program, 'version', '--client'],
    help: [node, program, '--help'],
    get: [node, program, 'get', 'tasks'],
    // The first one asks the center; the second one, within five seconds, does not.
    completeAsking: [node, program, '__complete', '--cache-dir', '/dev/null', '--', 'get', 'agents', ''],
    prime: [node, program, '__complete', '--', 'get', 'agents', ''],
    complete: [node, program, '__complete', '--', 'get', 'agents', ''],
    completeAway: [node, program, '__complete', '-s', 'http://127.0.0.1:1', '--', 'get', 'agents', ''],
    ...(kubectlVersion === undefined
      ? {}
      : {
          kubectl: [kubectl, 'version', '--client'],
          kubectlHelp: [kubectl, '--help'],
          // The one call that a center answers kubectl, too.
          kubectlGet: [kubectl, 'get', '--raw', '/healthz', '--server', up.url, '--kubeconfig', '/dev/null'],
        }),
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
  // 200 ms is the row's own limit, where node -e 0 takes no more than 50.
  for (const [name, what, goal] of [
    ['complete', 'C-84 TAB, names kept from before', 2.3],
    ['completeAsking', 'C-84 TAB, the center is asked for kinds and names', 3],
    ['completeAway', 'C-84 TAB, no center', 3],
  ] as const) {
    const figure = median(times[name]!);
    report(what, ms(figure), `${ms(reference)} node -e 0`, figure / reference, `≤ ${goal}`, figure / reference <= goal);
  }
  for (const [name, other, what] of [
    ['version', 'kubectl', 'ctask version --client'],
    ['help', 'kubectlHelp', 'ctask --help'],
    ['get', 'kubectlGet', 'ctask get tasks, against kubectl get --raw /healthz of the same center'],
  ] as const) {
    if (kubectlVersion === undefined) break;
    const [figure, theirs] = [median(times[name]!), median(times[other]!)];
    report(what, ms(figure), `${ms(theirs)} kubectl ${kubectlVersion}`, figure / theirs, '< 1', figure < theirs);
  }
  await up.end('SIGINT');
} finally {
  await user.go();
}
printReport();
