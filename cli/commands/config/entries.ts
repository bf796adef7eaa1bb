// The verbs of `ctask config` about single entries: names, removal, and any one value.
import type { Command } from 'commander';
import type { Section } from '../../client/config-edit.js';
import { type MergedConfig, readConfig } from '../../client/config-file.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { usage } from '../../resources/target.js';
import { configFiles, deleteEntry, loadEditor, setEntry } from './changes.js';
import { storedPath } from './stored-path.js';

export function defineConfigEntries(config: Command, deps: CliDeps): void {
  defineLists(config, deps);
  const rename = config
    .command('rename-context')
    .description('Call a context by another name')
    .argument('<name>')
    .argument('<new-name>');
  addExamples(rename, [
    { say: 'Another name', run: 'ctask config rename-context local home' },
    { say: 'In another file', run: 'ctask config rename-context local home --config other.yaml' },
  ]).action((from: string, to: string) => renameContext(from, to, deps));

  const set = config
    .command('set')
    .description('Set one value, e.g. contexts.NAME.namespace')
    .argument('<property>', 'current-context, or SECTION.NAME.KEY of contexts, servers or users')
    .argument('<value>');
  addExamples(set, [
    { say: 'Namespace of a context', run: 'ctask config set contexts.local.namespace billing' },
    { say: 'The context in use', run: 'ctask config set current-context local' },
  ]).action((property: string, value: string) => runSet(property, value, deps));

  const unset = config
    .command('unset')
    .description('Remove one value, e.g. contexts.NAME.namespace')
    .argument('<property>', 'current-context, or SECTION.NAME.KEY of contexts, servers or users');
  addExamples(unset, [
    { say: 'Namespace of a context', run: 'ctask config unset contexts.local.namespace' },
    { say: 'Use no context', run: 'ctask config unset current-context' },
  ]).action((property: string) => runSet(property, undefined, deps));
}

const LISTS = [
  { section: 'servers', one: 'server', alias: 'cluster' },
  { section: 'users', one: 'user', alias: undefined },
] as const;

/** get-servers, delete-server (kubectl's clusters), get-users, delete-user. */
function defineLists(config: Command, deps: CliDeps): void {
  for (const { section, one, alias } of LISTS) {
    const get = config.command(`get-${section}`).description(`Show the names of the ${one} entries`);
    const remove = config.command(`delete-${one}`).description(`Forget a ${one} entry`).argument('<name>');
    if (alias !== undefined) {
      get.alias(`get-${alias}s`);
      remove.alias(`delete-${alias}`);
    }
    addExamples(get, [
      { say: 'Their names', run: `ctask config get-${section}` },
      { say: 'Of another file', run: `ctask config get-${section} --config other.yaml` },
    ]).action(async () => {
      const names = (await readConfig(configFiles(deps)))[section].map(({ name }) => `${name}\n`);
      await deps.out(`NAME\n${names.join('')}`);
    });
    addExamples(remove, [
      { say: 'Forget it', run: `ctask config delete-${one} old` },
      { say: 'In another file', run: `ctask config delete-${one} old --config other.yaml` },
    ]).action((name: string) => deleteEntry(section, one, name, deps));
  }
}

async function renameContext(from: string, to: string, deps: CliDeps): Promise<void> {
  const merged = await readConfig(configFiles(deps));
  const file = fileOf(merged, 'contexts', from);
  if (file === undefined) throw usage(`cannot rename the context "${from}", it does not exist`);
  if (merged.contexts.some(({ name }) => name === to)) {
    throw usage(`cannot rename the context "${from}", the context "${to}" already exists`);
  }
  const { editConfig } = await loadEditor();
  await editConfig(file, deps.clock, (editor) => editor.rename('contexts', from, to));
  if (merged.currentContext === from) {
    await editConfig(configFiles(deps)[0] ?? '', deps.clock, (editor) => editor.useContext(to));
  }
  await deps.out(`Context "${from}" renamed to "${to}".\n`);
}

const SECTIONS: Readonly<Record<string, Section>> = {
  contexts: 'contexts',
  servers: 'servers',
  clusters: 'servers', // as kubectl calls them
  users: 'users',
};
const KEYS: Readonly<Record<Section, readonly string[]>> = {
  contexts: ['server', 'user', 'namespace', 'protected', 'readOnly'],
  servers: [
    'server',
    'certificate-authority',
    'certificate-authority-data',
    'insecure-skip-tls-verify',
    'tls-server-name',
  ],
  users: ['token', 'token-file', 'client-certificate', 'client-certificate-data', 'client-key', 'client-key-data'],
};

const PATHS: ReadonlySet<string> = new Set(['certificate-authority', 'token-file', 'client-certificate', 'client-key']);
const BOOLEANS: ReadonlySet<string> = new Set(['insecure-skip-tls-verify', 'protected', 'readOnly']);

async function runSet(property: string, value: string | undefined, deps: CliDeps): Promise<void> {
  if (property === 'current-context') {
    const { editConfig } = await loadEditor();
    await editConfig(configFiles(deps)[0] ?? '', deps.clock, (editor) => editor.useContext(value));
  } else {
    const { section, name, key } = parseProperty(property);
    const merged = await readConfig(configFiles(deps));
    if (value === undefined && fileOf(merged, section, name) === undefined) {
      throw usage(`cannot unset "${property}", it does not exist`);
    }
    const typed = PATHS.has(key) && value !== undefined ? await storedPath(value, deps) : typedValue(key, value);
    await setEntry(section, name, { [key]: typed }, undefined, deps, true);
  }
  await deps.out(`Property "${property}" ${value === undefined ? 'unset' : 'set'}.\n`);
}

/** Of a word that is neither, `protected` would quietly be off. */
function typedValue(key: string, value: string | undefined): string | boolean | undefined {
  if (value === undefined || !BOOLEANS.has(key)) return value;
  if (value !== 'true' && value !== 'false') throw usage(`"${key}" is true or false, not "${value}"`);
  return value === 'true';
}

/** `contexts.NAME.KEY`; a name may have dots itself. */
function parseProperty(property: string): { section: Section; name: string; key: string } {
  const [, group = '', name = '', key = ''] = /^(\w+)\.(.+)\.([\w-]+)$/.exec(property) ?? [];
  const section = SECTIONS[group];
  if (section === undefined || name === '') {
    const whole = /^(contexts|servers|clusters|users)\.([^.]+)$/.exec(property);
    const entry = (whole?.[1] ?? '').slice(0, -1).replace('cluster', 'server');
    const hint = whole === null ? undefined : `'ctask config delete-${entry} ${whole[2]}' removes the whole entry`;
    throw usage(`"${property}" is not current-context, or SECTION.NAME.KEY of contexts, servers or users`, hint);
  }
  if (!KEYS[section].includes(key)) throw usage(`"${key}" is not one of ${KEYS[section].join(', ')}`);
  return { section, name, key };
}

function fileOf(merged: MergedConfig, section: Section, name: string): string | undefined {
  return merged[section].find((entry) => entry.name === name)?.file;
}
