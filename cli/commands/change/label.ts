// ctask label, ctask annotate: words that stick to objects (C-23).
import type { Command } from 'commander';
import { CloudTaskError } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { kindDotGroup } from '../../resources/words.js';
import { addErrorUnchanged, failUnchanged } from '../error-unchanged.js';
import { addFilename, type FileFlags } from '../filename-option.js';
import {
  type ChangeFlags,
  type ChangeOptions,
  changeOptions,
  type NamedObject,
  namedObjects,
  patchMerge,
  type Selection,
  sayChanged,
} from './named-objects.js';

type Field = 'labels' | 'annotations';

export interface LabelOptions extends ChangeOptions, Selection {
  readonly field: Field;
  readonly overwrite: boolean;
  readonly list: boolean;
  readonly resourceVersion?: string;
}

interface LabelFlags extends ChangeFlags, FileFlags {
  overwrite: boolean;
  list: boolean;
  all: boolean;
  selector?: string;
  resourceVersion?: string;
}

export function defineLabel(program: Command, deps: CliDeps, run = runLabel): void {
  const command = define(program, 'label', 'Set and take away labels of objects');
  addExamples(command, [
    { say: 'Set one', run: 'ctask label task hello team=fin' },
    { say: 'Change it', run: 'ctask label task/hello team=ops --overwrite' },
    { say: 'Take it away', run: 'ctask label task hello team-' },
    { say: 'See them', run: 'ctask label task hello --list' },
  ]).action((words: string[], flags: LabelFlags) => run(words, labelOptions('labels', flags, deps), deps));
}

export function defineAnnotate(program: Command, deps: CliDeps, run = runLabel): void {
  const command = define(program, 'annotate', 'Set and take away annotations of objects');
  addExamples(command, [
    { say: 'Set one', run: "ctask annotate task hello note='ask ann first'" },
    { say: 'Take it away', run: 'ctask annotate task/hello note-' },
  ]).action((words: string[], flags: LabelFlags) => run(words, labelOptions('annotations', flags, deps), deps));
}

function define(program: Command, verb: string, description: string): Command {
  const command = program
    .command(verb)
    .description(description)
    .argument('[resource...]', 'TYPE NAME… or TYPE/NAME …, then KEY=VALUE to set and KEY- to take away')
    .option('--overwrite', 'change what has a value already', false)
    .option('--list', 'show what is set', false)
    .option('-l, --selector <labels>', 'objects with these labels')
    .option('--all', 'all objects of the type', false)
    .option('--resource-version <version>', 'only if the object still has this version')
    .option('--field-manager <name>', 'who owns the fields from now on', `ctask-${verb}`)
    .option('--dry-run [mode]', 'client, server or none', 'none')
    .option('-o, --output <format>', 'name, json or yaml');
  return addFilename(addErrorUnchanged(command));
}

function labelOptions(field: Field, flags: LabelFlags, deps: CliDeps): LabelOptions {
  const { overwrite, list, all, selector, resourceVersion, filename, recursive = false } = flags;
  return {
    ...{ ...changeOptions(flags, deps), field, overwrite, list, all, filename, recursive },
    ...(selector === undefined ? {} : { selector }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Values to set; null takes away. */
type Wanted = Map<string, string | null>;

export async function runLabel(words: readonly string[], options: LabelOptions, deps: CliDeps): Promise<void> {
  const isChange = (word: string) => word.includes('=') || word.endsWith('-');
  const wanted = wantedOf(words.filter(isChange), options.field);
  const one = options.field === 'labels' ? 'label' : 'annotation';
  if (wanted.size === 0 && !options.list) throw usage(`at least one ${one} update is required`);
  const objects = await namedObjects(
    words.filter((word) => !isChange(word)),
    options,
    deps,
  );
  if (options.resourceVersion !== undefined && objects.length !== 1) {
    throw usage('--resource-version may only be used with a single resource');
  }
  const clashes: CloudTaskError[] = [];
  const changed: boolean[] = [];
  for (const object of objects) {
    changed.push(await change(object, wanted, objects.length > 1, clashes, options, deps));
  }
  const [first] = clashes;
  if (first !== undefined) throw first;
  if (wanted.size > 0) failUnchanged(options, changed, deps);
}

function wantedOf(words: readonly string[], field: Field): Wanted {
  const wanted: Wanted = new Map();
  for (const word of words) {
    const at = word.indexOf('=');
    const key = at === -1 ? word.slice(0, -1) : word.slice(0, at);
    if (key === '') throw usage(`"${word}" has no key`);
    const value = at === -1 ? null : word.slice(at + 1);
    if (wanted.has(key) && wanted.get(key) !== value) {
      throw usage(
        `can not both modify and remove ${field === 'labels' ? 'a label' : 'an annotation'} in the same command`,
      );
    }
    wanted.set(key, value);
  }
  return wanted;
}

/** Resolves with whether there was something to change. */
async function change(
  named: NamedObject,
  wanted: Wanted,
  several: boolean,
  clashes: CloudTaskError[],
  options: LabelOptions,
  deps: CliDeps,
): Promise<boolean> {
  const { field, overwrite, resourceVersion } = options;
  const live = await (await deps.api()).get<ApiObject>(named.path);
  const current = live.metadata[field] ?? {};
  if (wanted.size === 0) {
    await list(live, current, several, field, deps);
    return false;
  }
  for (const [key, value] of wanted) {
    if (value === null && current[key] === undefined) await deps.say(`${singular(field)} "${key}" not found.`);
  }
  const taken = [...wanted].find(([key, value]) => value !== null && (current[key] ?? value) !== value);
  if (taken !== undefined && !overwrite) {
    const detail = `'${taken[0]}' already has a value (${current[taken[0]]}), and --overwrite is false`;
    clashes.push(new CloudTaskError('CT_CONFLICT', { detail }));
    return false;
  }
  const body = {
    metadata: { [field]: Object.fromEntries(wanted), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  };
  const object = await patchMerge(named, live, body, options, deps);
  const changes = changesOf(current, wanted);
  await sayChanged(object, operation(changes, field), options, deps);
  if (options.list) await list(object, object.metadata[field] ?? {}, several, field, deps);
  return changes.length > 0;
}

const singular = (field: Field): string => (field === 'labels' ? 'label' : 'annotation');

type Change = readonly [key: string, value: string | null];

function changesOf(current: Readonly<Record<string, string>>, wanted: Wanted): Change[] {
  return [...wanted].filter(([key, value]) => (current[key] ?? null) !== value);
}

/** As kubectl words it: only takings away are "unlabeled". */
function operation(changes: readonly Change[], field: Field): string {
  if (field === 'annotations') return changes.length === 0 ? 'unchanged' : 'annotated';
  if (changes.length === 0) return 'not labeled';
  return changes.every(([, value]) => value === null) ? 'unlabeled' : 'labeled';
}

async function list(
  { kind, metadata }: ApiObject,
  values: Readonly<Record<string, string>>,
  several: boolean,
  field: Field,
  deps: CliDeps,
): Promise<void> {
  const head = several ? `Listing ${field} for ${kindDotGroup(kind)}/${metadata.name}:\n` : '';
  const lines = Object.entries(values).map(([key, value]) => `${several ? ' ' : ''}${key}=${value}\n`);
  await deps.out(head + lines.join(''));
}
