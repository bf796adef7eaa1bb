import { Command } from 'commander';
import t from 'tap';
import { CliUser } from '../test/support/cli-terminal.js';
import { definitions } from './commands/all.js';
import { commands } from './commands/table.js';
import { createDeps } from './create-deps.js';
import { examplesOf } from './examples.js';
import { findCommand } from './find-command.js';
import type { Host } from './host.js';
import { buildProgram } from './program.js';
import { refusedFlags, refusedGenerators, refusedSubcommands, refusedVerbs } from './refused-verbs.js';
import { defineAgent } from './serve/agent.js';
import { defineBackup } from './serve/backup.js';
import { defineCenter } from './serve/center.js';
import { defineRestore } from './serve/restore.js';
import { defineUp } from './serve/up.js';

const program = await buildProgram(createDeps({ env: {}, version: '0' } as unknown as Host));

/** Commands that do something, i.e. all but the servers, which are defined elsewhere. */
function* all(command: Command): Generator<Command> {
  for (const inner of command.commands) {
    if (['up', 'center', 'agent', 'backup', 'restore', 'coordination', '__complete'].includes(inner.name())) continue;
    yield inner;
    yield* all(inner);
  }
}

t.test('every command has a description and at least two examples of itself (C-88)', async (t) => {
  for (const command of all(program)) {
    const path: string[] = [];
    for (let c: Command | null = command; c?.parent; c = c.parent) path.unshift(c.name());
    t.ok(command.description(), path.join(' '));
    const examples = examplesOf(command);
    t.ok(examples.length >= 2, `${path.join(' ')} has ${examples.length} examples`);
    for (const { run } of examples) t.ok(run.startsWith(`ctask ${path[0]}`), run);
  }
});

t.test('the verb in the table is the verb that is defined', async (t) => {
  for (const { verb, load } of commands) {
    t.ok(findCommand(program, [verb]), verb);
    t.equal(await load(), definitions[verb], 'alone and with the others');
  }
});

t.test('words of kubectl that make no sense are refused in one line (every row graded –)', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const refused = async (line: string, word: string, why: string) => {
    const { code, stderr, stdout } = await user.type(line);
    t.match({ code, stdout }, { code: 2, stdout: '' }, line);
    t.ok(stderr.startsWith(`error: ${word} does not apply: ${why}\n`), `${line}: ${stderr}`);
  };
  for (const [verb, why] of Object.entries(refusedVerbs)) {
    await refused(`${verb} x`, `"${verb}"`, why);
    await refused(`${verb} x --some-flag=3`, `"${verb}"`, why);
  }
  for (const [kind, why] of Object.entries(refusedGenerators))
    await refused(`create ${kind} x --from-literal=a=b`, `"${kind}"`, why);
  for (const [above, words] of Object.entries(refusedSubcommands)) {
    if (findCommand(program, above.split(' ')) === undefined) continue;
    for (const [word, why] of Object.entries(words)) await refused(`${above} ${word} x`, `"${word}"`, why);
  }
  for (const [verb, flags] of Object.entries(refusedFlags)) {
    if (findCommand(program, [verb]) === undefined) continue;
    for (const [flag, why] of Object.entries(flags)) await refused(`${verb} ${flag}`, flag, why);
  }
  t.match(await user.type('create tsk x'), {
    code: 2,
    stderr: /^error: unknown command "tsk" for "ctask create"\n\nDid you mean this\?\n\ttask\n/,
  });
});

t.test('command lines that are wrong (C-88, C-91)', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const table: [string, string][] = [
    [
      'gte',
      'error: unknown command "gte" for "ctask"\n\nDid you mean this?\n\tget\nSee \'ctask -h\' for help and examples\n',
    ],
    [
      'get --selectro x',
      "error: unknown flag: --selectro\n\nDid you mean this?\n\t--selector\nSee 'ctask get -h' for help and examples\n",
    ],
    [
      'backfill x --form=1h --to now',
      "error: unknown flag: --form\n\nDid you mean this?\n\t--from\nSee 'ctask backfill -h' for help and examples\n",
    ],
    [
      'backfill x --to now',
      "error: required option '--from <time>' not specified\nSee 'ctask backfill -h' for help and examples\n",
    ],
    [
      'config use-contxt x',
      'error: unknown command "use-contxt" for "ctask config"\n\nDid you mean this?\n\tuse-context\nSee \'ctask config -h\' for help and examples\n',
    ],
    ['get -n', "error: option '-n, --namespace <name>' argument missing\nSee 'ctask -h' for help and examples\n"],
    ['why', "error: missing required argument 'task'\nSee 'ctask why -h' for help and examples\n"],
    ['suspend', 'error: name a task, or give -l or -f\n'],
    [
      'get tk -o xml',
      'error: unable to match a printer suitable for the output format "xml"\nhint: allowed formats are: wide, name, json, yaml, ndjson, jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE, jsonpath-file=FILE, custom-columns=HEADER:PATH,…, custom-columns-file=FILE\n',
    ],
    [
      'get tk -o go-template={{.}}',
      'error: go-template is not supported; use jsonpath, custom-columns or `-o json | jq`\n',
    ],
    ['get tk -o custom-columns', 'error: custom-columns format specified but no custom columns given\n'],
    [
      'get tk -o jsonpath',
      "error: template format specified but no template given\nhint: write -o jsonpath='{.metadata.name}'\n",
    ],
    ['get --raw metrics', 'error: --raw "metrics" is not a path, e.g. /metrics\n'],
    ['get tk --raw /metrics', 'error: arguments may not be passed when --raw is specified\n'],
    [
      'get',
      "error: no server is configured\nhint: start one with 'ctask up', or name one with --server, CTASK_SERVER or 'ctask config set-server'\n",
    ],
    ['next', 'error: give either the name of a task, --expr or --all\n'],
    ['logs x --since 5m --since-time 2026-01-01T00:00:00Z', 'error: --since and --since-time exclude each other\n'],
    ['apply', "error: must specify -f\nhint: see 'ctask apply -h'\n"],
    ['create', "error: must specify -f\nhint: see 'ctask create -h'\n"],
    ['run x --env A', 'error: --env "A" is not NAME=VALUE\n'],
    ['logs tasks/x/y', 'error: "tasks/x/y" is not NAME or TYPE/NAME\n'],
    ['suspend run/x', 'error: "run/x": expected task/NAME, not run/NAME\n'],
  ];
  for (const [line, stderr] of table) t.same(await user.type(line), { code: 2, stdout: '', stderr }, line);
});

t.test('help speaks with one voice: groups, and the servers', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  t.match((await user.type('config -h')).stdout, /\n {2}help \[command\] +Show help for a command\n/);
  const servers = new Command();
  for (const define of [defineUp, defineCenter, defineAgent, defineBackup, defineRestore]) define(servers);
  for (const command of servers.commands) t.match(command.description(), /^[A-Z]/, command.name());
});

t.test('help (C-88)', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const whole = await user.type('');
  t.equal(whole.code, 0);
  for (const { verb } of commands) t.match(whole.stdout, new RegExp(`^  ${verb} `, 'm'));
  t.same((await user.type('--help')).stdout, whole.stdout);
  t.same((await user.type('help')).stdout, whole.stdout);
  t.match(await user.type('help get'), { code: 0, stdout: /Usage: ctask get .*Examples:/s });
  t.match(await user.type('get -h'), { code: 0, stdout: /Usage: ctask get / });
  t.match(await user.type('help config use-context'), { code: 0, stdout: /Usage: ctask config use-context / });
  t.match(await user.type('help event-reasons'), { code: 0, stdout: /^TaskMoved +Normal +Agent,Cluster +A drain/m });
  t.match(await user.type('help run-reasons'), { code: 0, stdout: /^Timeout +TimedOut +The process ran/m });
  t.match(await user.type('help exit-codes'), { code: 0, stdout: /^9 +the center cannot be reached/m });
  t.match(await user.type('help nonsense'), { code: 2, stderr: 'error: unknown help topic "nonsense"' });
  t.match(await user.type('config'), { code: 2, stderr: /Usage: ctask config / });
  t.match(await user.type('--version'), { code: 0, stdout: '1.2.3\n' });
});

t.test('version and next need neither server nor configuration (C-57)', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const env = { CTASK_CONFIG: '/nonexistent/config.yaml', CTASK_SERVER: 'http://127.0.0.1:1' };
  t.same(await user.type('version --client', { env }), { code: 0, stdout: 'Client Version: v1.2.3\n', stderr: '' });
  t.same(await user.type('version --client -o json', { env }), {
    code: 0,
    stdout: '{\n  "clientVersion": "1.2.3"\n}\n',
    stderr: '',
  });
  const next = "ctask next --expr '30 2 * * *' --timezone Europe/Berlin --from 2026-03-28T00:00:00Z --count 3 -o json";
  t.same(await user.type(next, { env }), {
    code: 0,
    stdout:
      '{"times":["2026-03-28T01:30:00Z","2026-03-29T01:00:00Z","2026-03-30T00:30:00Z"],"timeZone":"Europe/Berlin",' +
      '"notes":[{"time":"2026-03-29T01:00:00Z","schedule":"default",' +
      '"note":"02:30 does not exist: clocks go from 02:00 to 03:00"}]}\n',
    stderr: '',
  });
  t.same(await user.type("next --expr '0 0 31 2 *' -o json", { env }), {
    code: 0,
    stdout: '{"times":[],"timeZone":"UTC"}\n',
    stderr: '',
  });
  t.same(await user.type("next --expr '0 0 31 2 *'", { env }), {
    code: 0,
    stdout: '',
    stderr: '"0 0 31 2 *" never fires\n',
  });
  t.match(await user.type("next --expr '61 * * * *'", { env }), { code: 7, stdout: '', stderr: /minute/ });
  t.match(await user.type("next --expr '* * * * *' --timezone Mars/Olympus", { env }), {
    code: 7,
    stderr: /Mars\/Olympus/,
  });
  t.match(await user.type("next --expr '* * * * *' --from yesterday", { env }), { code: 2, stderr: /RFC 3339/ });
  const autumn = "next --expr '30 2 * * *' --timezone Europe/Berlin --from 2026-10-24T12:00:00Z -c 2 --show-excluded";
  t.match(await user.type(autumn, { env }), {
    code: 0,
    stdout:
      /IN +NOTE\n.* for the first of two times: .*\n.*<excluded> +02:30 for the second time: .*; left out by dst\n/,
    stderr: 'at 02:30 every day (Europe/Berlin)\n2 time points; left out: 1 by clock change\n',
  });
  t.match(await user.type("next --expr '0 2 * * *' -c 1 --from 2026-03-28T00:00:00Z", { env }), {
    code: 0,
    stdout: /^TIME {19}UTC {31}IN\n2026-03-28T02:00:00Z {3}Sat, 28 Mar 2026 02:00:00 \+0000 {3}/,
  });
});
