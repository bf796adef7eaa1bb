// ctask clone: another task like one that is there, with some fields set otherwise.
import type { Command } from 'commander';
import { messageOf } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat } from '../../output/objects.js';
import { oneName, TASK_NAMES, usage } from '../../resources/target.js';
import { collect, dryRunMode } from '../apply.js';
import { cloneTask } from '../clone-task.js';
import { runCreate } from '../create.js';

interface CloneFlags {
  set: string[];
  fromNamespace?: string;
  dryRun: string | boolean;
  output?: string;
}

export function defineClone(program: Command, deps: CliDeps, run = runClone): void {
  const command = program
    .command('clone')
    .description('Create a task like another one, with some fields set otherwise; it is not suspended')
    .argument('<task>', 'NAME or task/NAME of the other one')
    .argument('<name>', 'name of the new one')
    .option('--set <path=value>', 'set a field, e.g. spec.timeout=5m; the value is YAML; may be repeated', collect, [])
    .option('--from-namespace <namespace>', 'where the other one is; the namespace of the command unless given')
    .option('--dry-run [mode]', 'client, server or none', 'none')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(command, [
    { say: 'At another hour', run: "ctask clone task/hello hello-at-3 --set 'spec.schedules[0].cron=0 3 * * *'" },
    {
      say: 'Its manifest, with a variable of its own',
      run: 'ctask clone hello hello-full --set spec.run.env.MODE.value=full --dry-run=client -o yaml',
    },
  ]).action((task: string, name: string, flags: CloneFlags) => run(task, name, flags, deps));
}

export async function runClone(task: string, name: string, flags: CloneFlags, deps: CliDeps): Promise<void> {
  const { set, fromNamespace } = flags;
  const { name: from } = oneName(task, TASK_NAMES);
  const { name: to } = oneName(name, TASK_NAMES);
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const source = { from, ...(fromNamespace === undefined ? {} : { fromNamespace }) };
  const dryRun = dryRunMode(flags.dryRun);
  const settings = await settingsOf(set);
  const manifest = settings.reduce(withField, await cloneTask(to, source, {}, {}, deps));
  await runCreate({ manifest, kind: 'Task', name: to, dryRun, ...(output === undefined ? {} : { output }) }, deps);
}

type Path = readonly (string | number)[];

interface Setting {
  /** As the user wrote it. */
  readonly text: string;
  readonly path: Path;
  readonly value: unknown;
}

const SETTABLE = /^(spec\.|metadata\.(labels|annotations)[.[])/;

async function settingsOf(texts: readonly string[]): Promise<Setting[]> {
  const { parsePath } = await import('../../heavy/manifests.js');
  const { parseYaml } = await import('../../heavy/yaml.js');
  return texts.map((text) => {
    // A key in brackets may hold a =.
    const [, field, value] = /^((?:[^=[]|\[[^\]]*\])+)=(.*)$/s.exec(text) ?? [];
    if (field === undefined || value === undefined) throw usage(`--set "${text}" is not PATH=VALUE`);
    if (!SETTABLE.test(field)) throw usage(`--set "${text}": only spec, labels and annotations can be set`);
    try {
      return { text, path: parsePath(field), value: parseYaml(value) };
    } catch (error) {
      throw usage(`--set "${text}": ${messageOf(error).split('\n', 1)[0]}`);
    }
  });
}

/** A copy of the object with the value in it; what is missing on the way is made. */
function withField(object: object, { text, path, value }: Setting): object {
  return placed(object, path, value, text) as object;
}

/** In a list a number is an index, a word the name of an item, which is added when there is none. */
function placed(holder: unknown, path: Path, value: unknown, text: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(holder)) {
    const items: readonly unknown[] = holder;
    const found = typeof step === 'number' ? step : items.findIndex((item) => nameOf(item) === step);
    const index = found === -1 ? items.length : found;
    if (index > items.length) throw usage(`--set "${text}": the list has ${items.length} items only`);
    const former = items[index] ?? (typeof step === 'string' ? { name: step } : undefined);
    return [...items.slice(0, index), placed(former, rest, value, text), ...items.slice(index + 1)];
  }
  if (holder === undefined && typeof step === 'number') return placed([], path, value, text);
  if (holder !== undefined && (typeof holder !== 'object' || holder === null)) {
    throw usage(`--set "${text}": ${JSON.stringify(holder)} has no "${step}"`);
  }
  const fields = (holder ?? {}) as Record<string, unknown>;
  // Lists that are not there yet: the only ones with names below a task's spec are variables and schedules.
  const isNew = fields[step] === undefined && rest.length > 0 && (step === 'env' || step === 'schedules');
  const inner = isNew ? [] : fields[step];
  return { ...fields, [step]: placed(inner, rest, value, text) };
}

const nameOf = (item: unknown): unknown => (item as { name?: unknown } | null)?.name;
