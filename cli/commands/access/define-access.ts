// ctask create user, group, serviceaccount, role, rolebinding, clusterrolebinding: who there is, and what they may.
import type { Command } from 'commander';
import { CloudTaskError } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { usage } from '../../resources/target.js';
import { collect } from '../apply.js';
import { type CommonFlags, type CreateOptions, MODELINE, toCreate } from '../create-generators.js';
import { passwordOfStdin, sendPassword } from './password.js';

type RunCreate = (options: CreateOptions, deps: CliDeps) => Promise<void>;

export function defineAccess(create: Command, deps: CliDeps, run: RunCreate): void {
  defineUser(create, deps, run);
  defineGroup(create, deps, run);
  defineServiceAccount(create, deps, run);
  defineRole(create, deps, run);
  defineBinding(create, deps, run, 'RoleBinding');
  defineBinding(create, deps, run, 'ClusterRoleBinding');
}

function defineUser(create: Command, deps: CliDeps, run: RunCreate): void {
  const user = create
    .command('user')
    .description('Create a user: somebody who may log in to the console and have tokens')
    .argument('<name>')
    .option('--display-name <name>', 'name for people')
    .option('--email <address>', 'address for people')
    .option('--password-stdin', 'read a first password from stdin; it must be changed at the first log-in', false)
    .option(...MODELINE, false);
  addExamples(user, [
    { say: 'A user without a password: tokens only', run: 'ctask create user ann' },
    { say: 'With a first password, from a file', run: 'ctask create user ben --password-stdin < first-password.txt' },
  ]).action(async (name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<
      CommonFlags & { displayName?: string; email?: string; passwordStdin: boolean }
    >();
    const { displayName, email, passwordStdin } = flags;
    const options = toCreate('User', name, given({ displayName, email }), flags);
    const password = passwordStdin ? await passwordOfStdin(deps) : undefined;
    await run(options, deps);
    if (password === undefined || options.dryRun !== 'none') return;
    try {
      await sendPassword({ name, password, mustChange: true }, deps);
    } catch (cause) {
      const hint = `the user is there, without a password: 'ctask auth set-password ${name} --password-stdin'`;
      if (cause instanceof CloudTaskError) throw new CloudTaskError(cause.code, { ...cause.details, hint });
      throw cause;
    }
  });
}

function defineGroup(create: Command, deps: CliDeps, run: RunCreate): void {
  const group = create
    .command('group')
    .description('Create a group: users who are given roles together')
    .argument('<name>')
    .option('--member <user>', 'a user of the group; may be repeated', collect, [])
    .option('--description <text>', 'what it is for')
    .option(...MODELINE, false);
  addExamples(group, [
    { say: 'A group of two', run: 'ctask create group billing --member ann --member ben' },
    { say: 'Its manifest', run: 'ctask create group billing --member ann --dry-run=client -o yaml' },
  ]).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<CommonFlags & { member: string[]; description?: string }>();
    const { member, description } = flags;
    const spec = given({ description, members: member.length === 0 ? undefined : member });
    return run(toCreate('Group', name, spec, flags), deps);
  });
}

function defineServiceAccount(create: Command, deps: CliDeps, run: RunCreate): void {
  const account = create
    .command('serviceaccount')
    .alias('sa')
    .description('Create a service account: a program that uses the API with tokens')
    .argument('<name>')
    .option('--description <text>', 'what the program does')
    .option(...MODELINE, false);
  addExamples(account, [
    { say: 'For a pipeline', run: "ctask create serviceaccount ci --description 'Applies what is merged'" },
    { say: 'Its manifest', run: 'ctask create serviceaccount ci --dry-run=client -o yaml' },
  ]).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<CommonFlags & { description?: string }>();
    return run(toCreate('ServiceAccount', name, given({ description: flags.description }), flags), deps);
  });
}

function defineRole(create: Command, deps: CliDeps, run: RunCreate): void {
  const role = create
    .command('role')
    .description('Create a role: what whoever has it may do')
    .argument('<name>')
    .option('--verb <verbs>', 'get, list, run …, separated by commas, or *; may be repeated', collect, [])
    .option('--kind <kinds>', 'Task, Run …, separated by commas, or *; may be repeated', collect, [])
    .option('--run-as <account>', 'account that tasks may run as; may be repeated', collect, [])
    .option('--description <text>', 'whom it is for')
    .option(...MODELINE, false);
  addExamples(role, [
    {
      say: 'Start tasks and see how they do',
      run: 'ctask create role starter --verb get,list,watch,log,run --kind Task,Run',
    },
    { say: 'Leave to have tasks run as an account', run: 'ctask create role web --run-as www-data' },
  ]).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<
      CommonFlags & { verb: string[]; kind: string[]; runAs: string[]; description?: string }
    >();
    const verbs = words(flags.verb);
    const kinds = words(flags.kind);
    if ((verbs.length === 0) !== (kinds.length === 0)) throw usage('--verb and --kind go together');
    const spec = given({
      description: flags.description,
      rules: verbs.length === 0 ? undefined : [{ verbs, kinds }],
      runAs: flags.runAs.length === 0 ? undefined : flags.runAs,
    });
    return run(toCreate('Role', name, spec, flags), deps);
  });
}

function defineBinding(
  create: Command,
  deps: CliDeps,
  run: RunCreate,
  kind: 'RoleBinding' | 'ClusterRoleBinding',
): void {
  const everywhere = kind === 'ClusterRoleBinding';
  const binding = create
    .command(kind.toLowerCase())
    .description(everywhere ? 'Give a role everywhere' : 'Give a role in a namespace')
    .argument('<name>')
    .requiredOption('--role <role>', 'viewer, operator, editor, admin, or a role of your own')
    .option('--for-user <user>', 'who gets it, also --user; may be repeated', collect, [])
    .option('--group <group>', 'whose users get it; may be repeated', collect, [])
    .option('--serviceaccount <name>', 'which service account gets it; may be repeated', collect, [])
    .option(...MODELINE, false);
  addExamples(
    binding,
    everywhere
      ? [
          { say: 'One more administrator', run: 'ctask create clusterrolebinding ann-admin --role admin --user ann' },
          {
            say: 'A group sees everything',
            run: 'ctask create clusterrolebinding audit --role viewer --group billing',
          },
        ]
      : [
          {
            say: 'A group runs the tasks of a namespace',
            run: 'ctask create rolebinding ops --role operator --group billing',
          },
          {
            say: 'A pipeline changes them',
            run: 'ctask create rolebinding deploy --role editor --serviceaccount ci',
          },
        ],
  ).action((name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<
      CommonFlags & { role: string; forUser: string[]; group: string[]; serviceaccount: string[] }
    >();
    const subjects = [
      ...flags.forUser.map((one) => ({ kind: 'User', name: one })),
      ...flags.group.map((one) => ({ kind: 'Group', name: one })),
      ...flags.serviceaccount.map((one) => ({ kind: 'ServiceAccount', name: one })),
    ];
    if (subjects.length === 0) throw usage('nobody is given the role: --user, --group or --serviceaccount');
    return run(toCreate(kind, name, { role: flags.role, subjects }, flags), deps);
  });
}

function words(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(',').map((word) => word.trim())).filter((word) => word !== '');
}

/** Without the values that nobody gave. */
function given(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
