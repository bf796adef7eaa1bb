// ctask info: every setting in effect and where it comes from; asks no server (reference 6.3).

import { join } from 'node:path';
import type { Command } from 'commander';
import { cacheDirectory } from '../client/discovery.js';
import { preferencesFile } from '../client/preferences.js';
import type { Settings } from '../client/settings.js';
import { stateDirectory } from '../client/state-directory.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, renderObject } from '../output/objects.js';
import { Table } from '../output/table.js';

interface InfoRow {
  readonly setting: string;
  readonly value: string;
  readonly source: string;
}

export function defineInfo(program: Command, deps: CliDeps, run = runInfo): void {
  const command = program
    .command('info')
    .description('Show the settings in effect and where each comes from; asks no server')
    .option('-o, --output <format>', 'json or yaml');
  addExamples(command, [
    { say: 'All of them', run: 'ctask info' },
    { say: 'With another context', run: 'ctask info --context local' },
  ]).action((options: { output?: string }) => run(options.output, deps));
}

export async function runInfo(output: string | undefined, deps: CliDeps): Promise<void> {
  const format = checkFormat(output, ['json', 'yaml']);
  const rows = settingRows(await deps.settings(), deps);
  if (format !== undefined) return deps.out(await renderObject({ settings: rows }, format));
  const table = new Table({ headers: ['SETTING', 'VALUE', 'SOURCE'] });
  await deps.out(table.render(rows.map(({ setting, value, source }) => [setting, value || '<none>', source])));
}

function settingRows(settings: Settings, deps: CliDeps): InfoRow[] {
  const { host, globals } = deps;
  const { env } = host;
  const context = settings.config.contexts.find(({ name }) => name === settings.context?.name);
  const server = settings.config.servers.find(({ name }) => name === context?.value.server);
  const user = settings.config.users.find(({ name }) => name === context?.value.user);
  const cache = cacheDirectory(host, globals.cacheDir);
  /** Flag, variable, file, default: the first that says something. */
  const source = (flag: [unknown, string], variables: readonly string[], file: string | undefined): string => {
    if (flag[0] !== undefined) return flag[1];
    const variable = variables.find((name) => env[name]);
    return variable === undefined ? (file ?? 'default') : `$${variable}`;
  };
  const inUser = user?.value.token !== undefined || user?.value['token-file'] !== undefined;
  const inServer = server?.value['certificate-authority'] ?? server?.value['certificate-authority-data'];
  const row = (setting: string, value: string, from: string): InfoRow => ({ setting, value, source: from });
  return [
    row(
      'configuration',
      settings.config.files.join(', '),
      source([globals.config, '--config'], ['CTASK_CONFIG'], undefined),
    ),
    row(
      'context',
      settings.context?.name ?? '',
      source([globals.context, '--context'], ['CTASK_CONTEXT'], settings.context?.file),
    ),
    row('server', settings.servers.join(', '), source([globals.server, '--server'], ['CTASK_SERVER'], server?.file)),
    row(
      'namespace',
      settings.namespace,
      source([globals.namespace, '--namespace'], ['CTASK_NAMESPACE'], context?.value.namespace && context.file),
    ),
    row(
      'token',
      settings.token === undefined ? '' : '<masked>',
      source([globals.token, '--token'], ['CTASK_TOKEN', 'CTASK_TOKEN_FILE'], inUser ? user?.file : undefined),
    ),
    row(
      'certificate authority',
      settings.ca === undefined ? '' : '<given>',
      source([globals.certificateAuthority, '--certificate-authority'], ['CTASK_CACERT'], inServer && server?.file),
    ),
    row(
      'request timeout',
      `${settings.requestTimeoutMs / 1000}s`,
      source([globals.requestTimeout, '--request-timeout'], ['CTASK_REQUEST_TIMEOUT'], undefined),
    ),
    row('colour', globals.color ?? 'auto', source([globals.color, '--color'], ['NO_COLOR', 'FORCE_COLOR'], undefined)),
    row(
      'discovery cache',
      join(cache, 'discovery'),
      source([globals.cacheDir, '--cache-dir'], ['XDG_CACHE_HOME'], undefined),
    ),
    row(
      'completion cache',
      join(cache, 'completion'),
      source([globals.cacheDir, '--cache-dir'], ['XDG_CACHE_HOME'], undefined),
    ),
    row('preferences', preferencesFile(host) ?? '', source([undefined, ''], ['CTASK_RC'], undefined)),
    row('state', stateDirectory(host), source([undefined, ''], ['XDG_STATE_HOME'], undefined)),
    row('version', host.version, 'this program'),
  ];
}
