// ctask create token: the one time that its secret is shown.
import type { Command } from 'commander';
import { GROUP_PATH } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { dryRunMode } from '../apply.js';
import { type JoinWords, joinLines } from './join-lines.js';

interface MadeToken extends Pick<JoinWords, 'coordination'> {
  readonly token: string;
  readonly object: ApiObject;
}

interface TokenFlags {
  forUser?: string;
  serviceaccount?: string;
  expires?: string;
  scopeRole?: string;
  scopeNamespace: string[];
  description?: string;
  agent: boolean;
  cluster?: string;
  uses?: string;
  dryRun: string | boolean;
  output?: string;
}

export function defineCreateToken(create: Command, deps: CliDeps): void {
  const token = create
    .command('token')
    .description('Create a token and print it: nobody can read it again')
    .option('--for-user <user>', 'as whom it speaks, also --user; yourself unless given')
    .option('--serviceaccount <name>', 'as which service account it speaks')
    .option('--agent', 'a token that agents join by, instead of one that requests are made with', false)
    .option('--cluster <name>', 'with --agent: the cluster that they join (default "default")')
    .option('--uses <number>', 'with --agent: how many agents may join by it (default 1)')
    .option('--expires <duration>', 'how long it is good for: 366d at the most (default 90d), with --agent 24h (1h)')
    .option('--scope-role <role>', 'what this role may, and no more')
    .option('--scope-namespace <names>', 'in these namespaces only, separated by commas', words, [])
    .option('--description <text>', 'what it is for');
  addExamples(token, [
    { say: 'For a pipeline', run: 'ctask create token --serviceaccount ci --expires 30d' },
    {
      say: 'For looking at one namespace',
      run: 'ctask create token --user ann --scope-role viewer --scope-namespace billing',
    },
    {
      say: 'For five agents, which have ten minutes to join',
      run: 'ctask create token --agent --uses 5 --expires 10m',
    },
  ]).action(async (_flags, self: Command) => {
    const { forUser: user, serviceaccount, dryRun, output, ...flags } = self.optsWithGlobals<TokenFlags>();
    if (user !== undefined && serviceaccount !== undefined)
      throw usage('a token is of one: --user or --serviceaccount');
    const { agent, cluster, uses } = flags;
    if (agent && (user !== undefined || serviceaccount !== undefined || flags.scopeRole !== undefined))
      throw usage('agents join by a token of --agent; it speaks as nobody and has no scope');
    if (!agent && (cluster !== undefined || uses !== undefined)) throw usage('--cluster and --uses go with --agent');
    if (uses !== undefined && !/^[1-9]\d{0,3}$/.test(uses)) throw usage(`--uses "${uses}" is not a number from 1`);
    if (dryRunMode(dryRun) !== 'none') throw usage('a token cannot be tried without making it');
    const format = checkFormat(output, ['name', 'json', 'yaml']);
    const scope = {
      ...(flags.scopeRole === undefined ? {} : { role: flags.scopeRole }),
      ...(flags.scopeNamespace.length === 0 ? {} : { namespaces: flags.scopeNamespace }),
    };
    const body = {
      ...(user === undefined ? {} : { owner: { kind: 'User', name: user } }),
      ...(serviceaccount === undefined ? {} : { owner: { kind: 'ServiceAccount', name: serviceaccount } }),
      ...(agent ? { owner: { kind: 'Agents', name: cluster ?? 'default' } } : {}),
      ...(uses === undefined ? {} : { uses: Number(uses) }),
      ...(flags.expires === undefined ? {} : { expires: flags.expires }),
      ...(flags.description === undefined ? {} : { description: flags.description }),
      ...(Object.keys(scope).length === 0 ? {} : { scope }),
    };
    const api = await deps.api();
    const made = await api.send<MadeToken>('POST', `${GROUP_PATH}/tokens`, { body });
    if (format === 'json' || format === 'yaml') return deps.out(await renderObject(made, format));
    await deps.say(`token.cloudtask.dev/${made.object.metadata.name} created`);
    await deps.out(`${made.token}\n`);
    if (!agent) return;
    // At a terminal the token stands above; elsewhere it goes to the file or pipe alone.
    const words = { coordination: made.coordination, cluster, token: deps.host.stdout.isTTY ? made.token : 'TOKEN' };
    for (const line of joinLines({ servers: (await deps.settings()).servers, ...words })) await deps.say(line);
  });
}

function words(text: string, before: string[]): string[] {
  return [...before, ...text.split(',').filter((word) => word !== '')];
}
