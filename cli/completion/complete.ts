// What the shell may put in place of the word that is being typed (row C-84).
import type { Command, Option } from 'commander';
import { configPaths, readConfig } from '../client/config-file.js';
import type { CliDeps } from '../deps.js';
import { optionsOf, type TypedLine, understand } from './command-line.js';
import { objectNames } from './names.js';
import { parameterValues } from './parameters.js';

export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** `file`: names of files besides; `nospace`: a word goes on after the candidate, e.g. `task/`. */
  readonly directive: 'none' | 'file' | 'nospace';
}

const NOTHING: Completion = { candidates: [], directive: 'none' };
const FILES: Completion = { candidates: [], directive: 'file' };

/** Throws when the server or the configuration cannot be read; then there is nothing to offer. */
export async function complete(program: Command, words: readonly string[], deps: CliDeps): Promise<Completion> {
  const line = understand(program, words);
  Object.assign(deps.globals, line.values);
  const { candidates, directive } = await candidatesOf(line, deps);
  const lead = line.expects.what === 'value' ? line.expects.lead : '';
  return {
    candidates: candidates
      .filter(({ value }) => value.startsWith(line.partial))
      .map((candidate) => ({ ...candidate, value: lead + candidate.value })),
    directive,
  };
}

async function candidatesOf(line: TypedLine, deps: CliDeps): Promise<Completion> {
  switch (line.expects.what) {
    case 'flag':
      return plain(optionsOf(line.command).map(flag));
    case 'value':
      return valuesOf(line, line.expects.option, deps);
    case 'argument':
      return argumentsOf(line, deps);
    case 'unknown':
      return NOTHING;
  }
}

const plain = (candidates: readonly Candidate[]): Completion => ({ candidates, directive: 'none' });
const words = (values: readonly string[]): Completion => plain(values.map((value) => ({ value })));

function flag({ long, short, description }: Option): Candidate {
  return { value: long ?? short ?? '', description };
}

const FILE_FLAGS = new Set([
  ...['--filename', '--config', '--certificate-authority', '--token-file', '--patch-file'],
  ...['--store', '--store-password-file', '--coordination-secret-file'],
]);
const FLAG_VALUES: Readonly<Record<string, readonly string[]>> = {
  '--dry-run': ['none', 'client', 'server'],
  '--color': ['auto', 'always', 'never'],
  '--cascade': ['background', 'foreground', 'orphan'],
  '--types': ['Normal', 'Warning'],
};
/** Flags whose value is the name of an object of that kind. */
const FLAG_KINDS: Readonly<Record<string, string>> = {
  '--namespace': 'namespaces',
  '--cluster': 'clusters',
  '--agent': 'agents',
};

async function valuesOf(line: TypedLine, option: Option, deps: CliDeps): Promise<Completion> {
  const long = option.long ?? '';
  if (option.argChoices !== undefined) return words(option.argChoices);
  if (FILE_FLAGS.has(long) || /<file>/.test(option.flags)) return FILES;
  if (long === '--output') return outputs(option.description);
  if (long === '--param') return parameterValues(line, deps);
  if (long === '--context') return words(await contextNames(deps));
  if (long === '-v' || option.short === '-v') return words(['6', '7', '8', '9']);
  const fixed = FLAG_VALUES[long];
  if (fixed !== undefined) return words(fixed);
  const kind = FLAG_KINDS[long];
  return kind === undefined ? NOTHING : words(await objectNames(kind, deps));
}

/** The formats stand in the description: `name, json or yaml`. One that needs a value ends with `=`. */
function outputs(description: string): Completion {
  const formats = [...description.matchAll(/(?:^|, | or )([a-z][a-z-]*=?)/g)].map(([, format = '']) => format);
  return words(formats);
}

async function argumentsOf(line: TypedLine, deps: CliDeps): Promise<Completion> {
  const { command } = line;
  const below = line.arguments.length === 0 ? command.commands.filter((inner) => !hidden(inner)) : [];
  const verbs = below.map((inner) => ({ value: inner.name(), description: inner.description() }));
  const declared = command.registeredArguments;
  const argument = declared[line.arguments.length] ?? (declared.at(-1)?.variadic ? declared.at(-1) : undefined);
  const source = argument === undefined ? undefined : sourceOf(command, argument.name());
  const found = source === undefined ? NOTHING : await source(line, deps);
  return { candidates: [...verbs, ...found.candidates], directive: found.directive };
}

/** commander keeps it to itself. */
const hidden = (command: Command): boolean => (command as unknown as { _hidden?: boolean })._hidden === true;

type Source = (line: TypedLine, deps: CliDeps) => Promise<Completion>;

/** What an argument is, by its name in the definition of the command. */
const sources: Readonly<Record<string, Source>> = {
  resource: typesAndNames,
  task: (line, deps) => namesOf('tasks', line, deps),
  run: runNames,
  agent: (line, deps) => namesOf('agents', line, deps),
  cluster: (line, deps) => namesOf('clusters', line, deps),
  namespace: (line, deps) => namesOf('namespaces', line, deps),
  context: async (_line, deps) => words(await contextNames(deps)),
  file: async () => FILES,
  kind: async (_line, deps) => words((await typeNames(deps)).map(({ value }) => value)),
  path: fieldPaths,
  type: async (_line, deps) => plain(await typeNames(deps)),
  what: async () => words(['agents', 'tasks', 'runs']),
  shell: async () => words(['bash', 'zsh', 'fish', 'powershell']),
  topic: async (line) => topics(line),
};

function sourceOf(command: Command, name: string): Source | undefined {
  // The names that `ctask config …-context` takes are contexts.
  if (name === 'name' && /-contexts?$/.test(command.name())) return sources.context;
  return sources[name];
}

async function contextNames(deps: CliDeps): Promise<string[]> {
  const { contexts } = await readConfig(configPaths(deps.host, deps.globals.config));
  return contexts.map(({ name }) => name);
}

async function typeNames(deps: CliDeps): Promise<Candidate[]> {
  const resources = await (await deps.discovery()).resources();
  return resources.map(({ name, shortNames = [] }) => ({ value: name, description: shortNames.join(', ') }));
}

/** Names that are not on the line yet. */
async function namesOf(type: string, line: TypedLine, deps: CliDeps): Promise<Completion> {
  if (line.partial.includes('/')) return typesAndNames(line, deps);
  const given = new Set(line.arguments);
  return words((await objectNames(type, deps)).filter((name) => !given.has(name)));
}

/** `TYPE NAME…`, or `TYPE/NAME …`. */
async function typesAndNames(line: TypedLine, deps: CliDeps): Promise<Completion> {
  const slash = line.partial.indexOf('/');
  if (slash !== -1) {
    const type = line.partial.slice(0, slash);
    return words((await objectNames(type, deps)).map((name) => `${type}/${name}`));
  }
  const [type] = line.arguments;
  if (type === undefined) return plain(await typeNames(deps));
  if (type.includes('/')) return slashed(deps);
  const { candidates } = await namesOf(type.split(',')[0] ?? '', line, deps);
  return plain(candidates);
}

async function slashed(deps: CliDeps): Promise<Completion> {
  const types = await (await deps.discovery()).resources();
  return { candidates: types.map(({ singularName }) => ({ value: `${singularName}/` })), directive: 'nospace' };
}

/** A run, or `task/NAME` for its latest one. */
async function runNames(line: TypedLine, deps: CliDeps): Promise<Completion> {
  if (line.partial.includes('/')) return typesAndNames(line, deps);
  const { candidates } = await namesOf('runs', line, deps);
  return plain([...candidates, ...(await objectNames('tasks', deps)).map((name) => ({ value: `task/${name}` }))]);
}

/** `task.spec.sch` → `task.spec.schedules`; from the schema in this program. */
async function fieldPaths(line: TypedLine): Promise<Completion> {
  const { findField, findKind, kinds } = await import('../heavy/manifests.js');
  const parts = line.partial.split('.');
  if (parts.length === 1) {
    return { candidates: kinds.map(({ singular }) => ({ value: singular })), directive: 'nospace' };
  }
  const kind = findKind(parts[0] ?? '');
  const above = parts.slice(0, -1);
  const found = kind === undefined ? undefined : findField(kind.kind, above.slice(1));
  if (found === undefined || 'missing' in found) return NOTHING;
  return {
    candidates: found.field.fields.map(({ name, type }) => ({
      value: [...above, name].join('.'),
      description: `<${type}>`,
    })),
    directive: 'nospace',
  };
}

function topics({ command }: TypedLine): Completion {
  const verbs = command.parent?.commands.filter((inner) => !hidden(inner)).map((inner) => inner.name()) ?? [];
  return words(['event-reasons', 'exit-codes', 'options', 'run-reasons', ...verbs]);
}
