// ctask auth: who one is, and what one may do (rows C-78, C-79).
import type { Command } from 'commander';
import { SELF_SUBJECT_PATH as PATH, reviewSelf } from '../../client/self-subject.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { Table } from '../../output/table.js';
import { usage } from '../../resources/target.js';
import { defineSetPassword } from '../access/password.js';

export interface CanIOptions {
  quiet: boolean;
  list: boolean;
  headers: boolean;
  allNamespaces: boolean;
}

export function defineAuth(program: Command, deps: CliDeps): void {
  const auth = program.command('auth').description('Show who you are for the center, and what you may do');
  addExamples(auth, [
    { say: 'Who you are', run: 'ctask auth whoami' },
    { say: 'Whether you may delete tasks', run: 'ctask auth can-i delete tasks' },
  ]);
  const whoami = auth
    .command('whoami')
    .description('Show as whom the center knows you')
    .option('-o, --output <format>', 'json or yaml');
  addExamples(whoami, [
    { say: 'Of the current context', run: 'ctask auth whoami' },
    { say: 'For a script', run: 'ctask auth whoami -o json' },
  ]).action((options: { output?: string }) => runWhoami(options.output, deps));
  const canI = auth
    .command('can-i')
    .description('Say whether you may do something: yes, or no and exit 1')
    .argument('[verb]', 'get, list, watch, create, update, apply, delete, run, cancel … or *')
    .argument('[resource...]', 'TYPE, TYPE/NAME or TYPE NAME')
    .option('-q, --quiet', 'print nothing: the exit code says it', false)
    .option('--list', 'show everything you may do', false)
    .option('-A, --all-namespaces', 'in all namespaces, not just in the current one', false)
    .option('--no-headers', 'leave out the header line');
  addExamples(canI, [
    { say: 'Start a task', run: 'ctask auth can-i run task/hello' },
    { say: 'Everything you may do', run: 'ctask auth can-i --list' },
    { say: 'Whether an operator may', run: 'ctask auth can-i run task/hello --as operator' },
  ]).action((verb: string | undefined, resource: string[], options: CanIOptions) =>
    runCanI(verb, resource, options, deps),
  );
  defineSetPassword(auth, deps);
}

export async function runWhoami(output: string | undefined, deps: CliDeps): Promise<void> {
  const format = checkFormat(output, ['json', 'yaml']);
  const review = await reviewSelf(await deps.api());
  if (format !== undefined) return deps.out(await renderObject(review, format));
  const { username, uid, groups = [] } = review.status.userInfo;
  const { context, servers } = await deps.settings();
  const rows = [
    ['Username', username],
    ...(uid === undefined ? [] : [['UID', uid]]),
    ['Groups', `[${groups.join(' ')}]`],
    ['Context', context?.name ?? '<none>'],
    ['Server', servers.join(', ')],
  ];
  await deps.out(new Table({ headers: ['ATTRIBUTE', 'VALUE'] }).render(rows));
}

export async function runCanI(
  verb: string | undefined,
  words: readonly string[],
  options: CanIOptions,
  deps: CliDeps,
): Promise<void> {
  if (options.list) return showRules(options, deps);
  const [type] = words[0]?.split('/') ?? [];
  if (verb === undefined || type === undefined) throw usage('you must specify a verb and a resource, or --list');
  if (type === '') throw usage(`"${words[0]}" is a path: what may be done with paths is in 'ctask auth can-i --list'`);
  const resource = type === '*' ? '*' : (await (await deps.discovery()).resource(type)).name;
  const { namespace } = await deps.settings();
  const where = options.allNamespaces ? {} : { namespace };
  const query = { verb: verb === 'logs' ? 'log' : verb, resource, ...where };
  const api = await deps.api();
  const review = await api.get<{ status: { allowed: boolean; reason?: string } }>(`${PATH}/access`, query);
  const { allowed, reason } = review.status;
  if (!allowed) deps.setExit(1);
  if (options.quiet) return;
  await deps.out(allowed ? 'yes\n' : `no${reason === undefined ? '' : ` - ${reason}`}\n`);
}

async function showRules({ headers, allNamespaces }: CanIOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const { rules } = (await reviewSelf(await deps.api(), allNamespaces ? undefined : namespace)).status;
  const shown = (words: readonly string[] | undefined) => `[${words?.join(' ') ?? ''}]`;
  const table = new Table({ headers: ['RESOURCES', 'NON-RESOURCE-URLS', 'VERBS'], noHeaders: !headers });
  const rows = rules.map((rule) => [
    rule.resources?.map((name) => `${name}.cloudtask.dev`).join(',') ?? '',
    shown(rule.nonResourceURLs),
    shown(rule.verbs),
  ]);
  await deps.out(table.render(rows));
}
