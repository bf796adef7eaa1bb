// ctask version: of this program, and of the center it talks to.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, type ObjectFormat, renderObject } from '../output/objects.js';

export interface VersionOptions {
  client: boolean;
  output?: string;
}

interface ServerVersion {
  readonly version?: string;
  readonly gitVersion?: string;
}

export function defineVersion(program: Command, deps: CliDeps, run = runVersion): void {
  const command = program
    .command('version')
    .description('Show the versions of this program and of the center')
    .option('--client', 'only of this program; asks no server', false)
    .option('-o, --output <format>', 'json or yaml');
  addExamples(command, [
    { say: 'Both versions', run: 'ctask version' },
    { say: 'Of this program, for a script', run: 'ctask version --client -o json' },
  ]).action((options: VersionOptions) => run(options, deps));
}

export async function runVersion(options: VersionOptions, deps: CliDeps): Promise<void> {
  const format = checkFormat(options.output, ['json', 'yaml']);
  const client = deps.host.version;
  if (format !== undefined) return showObject(client, format, options, deps);
  // Printed before the server is asked: it is what one wants to know when the server does not answer.
  await deps.out(`Client Version: v${client}\n`);
  if (options.client) return;
  const server = serverVersion(await ask(deps));
  await deps.out(`Server Version: v${server}\n`);
  if (tooFarApart(client, server)) {
    await deps.say(
      `Warning: the versions of client (${client}) and server (${server}) are more than one minor version apart`,
    );
  }
}

/** Without a center the version of this program is the answer as well, and then the command ends as it failed (as kubectl does). */
async function showObject(client: string, format: ObjectFormat, options: VersionOptions, deps: CliDeps): Promise<void> {
  const own = { clientVersion: client };
  if (options.client) return deps.out(await renderObject(own, format));
  let server: ServerVersion;
  try {
    server = await ask(deps);
  } catch (error) {
    await deps.out(await renderObject(own, format));
    throw error;
  }
  await deps.out(await renderObject({ ...own, serverVersion: serverVersion(server) }, format));
}

async function ask(deps: CliDeps): Promise<ServerVersion> {
  return (await deps.api()).get<ServerVersion>('/version');
}

function serverVersion({ version, gitVersion }: ServerVersion): string {
  return (version ?? gitVersion ?? 'unknown').replace(/^v/, '');
}

/** Versions that are not numbers, such as those of a development build, are not compared. */
function tooFarApart(client: string, server: string): boolean {
  const [one, other] = [client, server].map((version) => /^(\d+)\.(\d+)\.\d+$/.exec(version));
  if (!one || !other) return false;
  return one[1] !== other[1] || Math.abs(Number(one[2]) - Number(other[2])) > 1;
}
