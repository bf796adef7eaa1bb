// ctask api-versions: the versions of the API that the server offers (row C-56).
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';

interface GroupList {
  readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
}

export function defineApiVersions(program: Command, deps: CliDeps, run = runApiVersions): void {
  const command = program.command('api-versions').description('Show the versions of the API, as group/version');
  addExamples(command, [
    { say: 'Of the current context', run: 'ctask api-versions' },
    { say: 'Of another one', run: 'ctask api-versions --context local' },
  ]).action(() => run(deps));
}

export async function runApiVersions(deps: CliDeps): Promise<void> {
  const { groups } = await (await deps.api()).get<GroupList>('/apis');
  const versions = groups.flatMap(({ versions: all }) => all.map(({ groupVersion }) => groupVersion));
  await deps.out(
    versions
      .sort()
      .map((version) => `${version}\n`)
      .join(''),
  );
}
