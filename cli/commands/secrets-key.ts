// ctask secrets-key: which keys secrets are sealed with, and the change to a new one.
import type { Command } from 'commander';
import type { SecretsKeys } from '../../manifests/index.js';
import type { Api } from '../client/api.js';
import { GROUP_PATH } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, renderObject } from '../output/objects.js';
import { Table } from '../output/table.js';
import { usage } from '../resources/target.js';

const PATH = `${GROUP_PATH}/secretskeys`;
/** How often the center is asked how far it is. */
const LOOK_MS = 500;

interface StatusFlags {
  readonly output?: string;
}

export function defineSecretsKey(program: Command, deps: CliDeps): void {
  const group = program.command('secrets-key').description('Show and change the key that secrets are sealed with');
  addExamples(group, [
    { say: 'The keys, and how many values each of them seals', run: 'ctask secrets-key status' },
    { say: 'The same for a program', run: 'ctask secrets-key status -o json' },
  ]);
  const status = group
    .command('status')
    .description('Show the keys, how many values they seal, and which centers hold them')
    .option('-o, --output <format>', 'json or yaml');
  addExamples(status, [
    { say: 'The keys', run: 'ctask secrets-key status' },
    { say: 'As YAML', run: 'ctask secrets-key status -o yaml' },
  ]).action((flags: StatusFlags) => runStatus(flags, deps));
  const rotate = group
    .command('rotate')
    .description('Seal secrets with a new key: new ones at once, the others one after another')
    .option('--no-wait', 'do not wait until all values are sealed anew');
  addExamples(rotate, [
    { say: 'Change the key, and see how far it is', run: 'ctask secrets-key rotate' },
    { say: 'Let the center go on by itself', run: 'ctask secrets-key rotate --no-wait' },
  ]).action((flags: { wait: boolean }) => runRotate(flags.wait, deps));
  const drop = group
    .command('drop')
    .description('Take a key that no value needs out of the key files of all centers')
    .argument('<id>', 'as `status` shows it');
  addExamples(drop, [
    { say: 'The key of before', run: 'ctask secrets-key drop 3f0c9a5b7d21e846' },
    { say: 'Of another installation', run: 'ctask secrets-key drop 3f0c9a5b7d21e846 --context local' },
  ]).action((id: string) => runDrop(id, deps));
}

async function runStatus({ output }: StatusFlags, deps: CliDeps): Promise<void> {
  const format = checkFormat(output, ['json', 'yaml']);
  const keys = await look(await deps.api());
  if (format !== undefined) return deps.out(await renderObject(keys, format));
  if (keys.items.length === 0) return deps.say('No key yet: it is made with the first secret');
  const table = new Table({ headers: ['KEY', 'STATE', 'VALUES', 'CENTERS'] });
  const rows = keys.items.map(({ id, state, values, centers }) => [
    ...[id, state, String(values)],
    centers.length === keys.centers.length ? 'all' : `${centers.join(',') || '<none>'} of ${keys.centers.join(',')}`,
  ]);
  await deps.out(table.render(rows));
}

async function runRotate(wait: boolean, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  let keys = await api.send<SecretsKeys>('POST', `${PATH}/rotate`);
  const newest = keys.items.find(({ state }) => state === 'Sealing');
  await deps.out(`secrets are sealed with key ${newest?.id} from now on\n`);
  let told = '';
  while (wait) {
    const all = keys.items.reduce((sum, { values }) => sum + values, 0);
    const left = keys.items.reduce((sum, { state, values }) => sum + (state === 'Opening' ? values : 0), 0);
    const line = `${all - left} of ${all} values are sealed with it\n`;
    if (line !== told) await deps.out(line);
    told = line;
    if (!keys.items.some(({ state }) => state === 'Opening')) break;
    await deps.clock.sleep(LOOK_MS, deps.signal);
    keys = await look(api);
  }
  const unused = keys.items.filter(({ state }) => state === 'Unused');
  for (const { id } of unused) await deps.say(`no value needs key ${id} any more; ctask secrets-key drop ${id}`);
}

async function runDrop(id: string, deps: CliDeps): Promise<void> {
  if (!/^[0-9a-f]{16}$/.test(id))
    throw usage(`"${id}" is no id of a key: 16 hex digits, as "ctask secrets-key status" shows them`);
  const api = await deps.api();
  const keys = await api.send<SecretsKeys>('POST', `${PATH}/drop`, { body: { id } });
  const holders = keys.items.find((key) => key.id === id)?.centers ?? [];
  await deps.out(`key ${id} dropped\n`);
  if (holders.length > 0) await deps.say(`center ${holders.join(', ')} takes it out of its file within ten seconds`);
}

function look(api: Api): Promise<SecretsKeys> {
  return api.get<SecretsKeys>(PATH);
}
