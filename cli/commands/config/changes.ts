// The verbs of `ctask config` that write.
import type { Command } from 'commander';
import type { Section } from '../../client/config-edit.js';
import { configPaths, readConfig } from '../../client/config-file.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { GlobalOptions } from '../../global-options.js';
import { usage } from '../../resources/target.js';
import { storedPath } from './stored-path.js';

export function defineConfigChanges(config: Command, deps: CliDeps): void {
  const use = config.command('use-context').description('Use a context from now on').argument('<name>');
  addExamples(use, [
    { say: 'Use it', run: 'ctask config use-context local' },
    { say: 'In another file', run: 'ctask config use-context local --config other.yaml' },
  ]).action((name: string) => useContext(name, deps));

  const setContext = config
    .command('set-context')
    .description('Make or change a context; -n sets its namespace, -s names its server entry, --user its user entry')
    .argument('[name]')
    .option('--current', 'the context in use', false);
  addExamples(setContext, [
    { say: 'Another namespace from now on', run: 'ctask config set-context --current -n billing' },
    { say: 'A new context', run: 'ctask config set-context prod -s prod --user viewer' },
  ]).action((name: string | undefined, options: { current: boolean }) => runSetContext(name, options, deps));

  const remove = config.command('delete-context').description('Forget a context').argument('<name>');
  addExamples(remove, [
    { say: 'Forget it', run: 'ctask config delete-context local' },
    { say: 'In another file', run: 'ctask config delete-context local --config other.yaml' },
  ]).action((name: string) => deleteContext(name, deps));

  const setServer = config
    .command('set-server')
    .alias('set-cluster')
    .description('Make or change a server entry; -s gives its address')
    .argument('<name>');
  addExamples(setServer, [
    { say: 'One center', run: 'ctask config set-server prod -s https://ctask.example.com:7070' },
    { say: 'Two centers of one installation', run: 'ctask config set-server prod -s https://a:7070,https://b:7070' },
    {
      say: 'With the authority of its certificate, kept as an absolute path',
      run: 'ctask config set-server prod -s https://ctask.example.com:7070 --certificate-authority ca.crt',
    },
  ]).action((name: string) => runSetServer(name, deps));

  const setCredentials = config
    .command('set-credentials')
    .description(
      'Make or change a user entry; --token gives the token itself, --client-certificate and --client-key what a proxy asks for',
    )
    .argument('<name>')
    .option('--token-file <file>', 'file that holds the token');
  addExamples(setCredentials, [
    { say: 'A token in a file', run: 'ctask config set-credentials viewer --token-file ~/.config/ctask/token' },
    { say: 'A token in the configuration', run: 'ctask config set-credentials viewer --token ctk_…' },
    {
      say: 'A certificate for a proxy before the center, beside the token',
      run: 'ctask config set-credentials viewer --client-certificate me.crt --client-key me.key',
    },
  ]).action((name: string, options: { tokenFile?: string }) => runSetCredentials(name, options, deps));
}

/** Loaded when something is written: it brings the yaml package along. */
export const loadEditor = () => import('../../client/config-edit.js');

export const configFiles = (deps: CliDeps): string[] => configPaths(deps.host, deps.globals.config);

export async function useContext(name: string, deps: CliDeps): Promise<void> {
  const { contexts } = await readConfig(configFiles(deps));
  if (!contexts.some((context) => context.name === name)) {
    throw usage(`no context exists with the name "${name}"`, "see 'ctask config get-contexts'");
  }
  const { editConfig } = await loadEditor();
  await editConfig(configFiles(deps)[0] ?? '', deps.clock, (editor) => editor.useContext(name));
  await deps.out(`Switched to context "${name}".\n`);
}

async function runSetContext(
  given: string | undefined,
  { current }: { current: boolean },
  deps: CliDeps,
): Promise<void> {
  if (current && given !== undefined) throw usage('name a context, or give --current, not both');
  const merged = await readConfig(configFiles(deps));
  const name = current ? merged.currentContext : given;
  if (name === undefined) throw usage(current ? 'current-context is not set' : 'name a context, or give --current');
  const { namespace, server, user } = deps.globals;
  if (server !== undefined && !merged.servers.some((entry) => entry.name === server)) {
    throw usage(`no server entry exists with the name "${server}"`, "make it with 'ctask config set-server'");
  }
  await setEntry('contexts', name, { server, user, namespace }, 'Context', deps);
}

async function deleteContext(name: string, deps: CliDeps): Promise<void> {
  const { currentContext } = await readConfig(configFiles(deps));
  await deleteEntry('contexts', 'context', name, deps);
  if (currentContext === name)
    await deps.say('Warning: this removed your active context, use "ctask config use-context" to select another one');
}

/** From the file that defines it. @param one what the answer calls the entry */
export async function deleteEntry(section: Section, one: string, name: string, deps: CliDeps): Promise<void> {
  const merged = await readConfig(configFiles(deps));
  const file = merged[section].find((entry) => entry.name === name)?.file;
  if (file === undefined) throw usage(`cannot delete ${one} "${name}", it does not exist`);
  const { editConfig } = await loadEditor();
  await editConfig(file, deps.clock, (editor) => editor.remove(section, name));
  await deps.out(`deleted ${one} "${name}" from ${file}\n`);
}

async function runSetServer(name: string, deps: CliDeps): Promise<void> {
  const { server, certificateAuthority, insecureSkipTlsVerify, tlsServerName }: GlobalOptions = deps.globals;
  if (server === undefined) throw usage('give the address with -s');
  const values = {
    server,
    'certificate-authority': await storedPath(certificateAuthority, deps),
    'insecure-skip-tls-verify': insecureSkipTlsVerify,
    'tls-server-name': tlsServerName,
  };
  await setEntry('servers', name, values, 'Server', deps);
}

/** What is given takes the place of its like: a token that of a token file, a certificate that of one kept as data. */
async function runSetCredentials(name: string, { tokenFile }: { tokenFile?: string }, deps: CliDeps): Promise<void> {
  const { token, clientCertificate, clientKey }: GlobalOptions = deps.globals;
  if (token !== undefined && tokenFile !== undefined) throw usage('give either --token or --token-file, not both');
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw usage('--client-certificate and --client-key go together');
  }
  const hasToken = token !== undefined || tokenFile !== undefined;
  if (!hasToken && clientCertificate === undefined) {
    throw usage('give --token or --token-file, or --client-certificate and --client-key');
  }
  const values = {
    ...(hasToken ? { token, 'token-file': await storedPath(tokenFile, deps) } : {}),
    ...(clientCertificate === undefined
      ? {}
      : {
          'client-certificate': await storedPath(clientCertificate, deps),
          'client-certificate-data': undefined,
          'client-key': await storedPath(clientKey, deps),
          'client-key-data': undefined,
        }),
  };
  await setEntry('users', name, values, 'User', deps, true);
}

/** Writes to the file that defines the entry, else to the first one. Keys without value are left as they are, or removed
 * with `replace`. `what` is how the answer calls the entry; without it there is none. */
export async function setEntry(
  section: Section,
  name: string,
  values: Readonly<Record<string, unknown>>,
  what: string | undefined,
  deps: CliDeps,
  replace = false,
): Promise<void> {
  const merged = await readConfig(configFiles(deps));
  const defined = merged[section].find((entry) => entry.name === name);
  const given = replace
    ? values
    : Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const { editConfig } = await loadEditor();
  await editConfig(defined?.file ?? configFiles(deps)[0] ?? '', deps.clock, (editor) =>
    editor.merge(section, name, given),
  );
  if (what !== undefined) await deps.out(`${what} "${name}" ${defined === undefined ? 'created' : 'modified'}.\n`);
}
