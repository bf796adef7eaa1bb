// docs/cli.md, from the definitions of the commands: there is no second source to forget.
import type { Argument, Command, Option } from 'commander';
import { OUTPUT_FORMATS } from '../cli/commands/output-option.js';
import { commands } from '../cli/commands/table.js';
import { createDeps } from '../cli/create-deps.js';
import { examplesOf } from '../cli/examples.js';
import { exitCodes } from '../cli/exit-codes.js';
import { findCommand } from '../cli/find-command.js';
import { globalFlags } from '../cli/global-options.js';
import type { Host } from '../cli/host.js';
import { buildProgram } from '../cli/program.js';
import { refusedVerbs } from '../cli/refused-verbs.js';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[line(headers), line(headers.map(() => '---')), ...rows.map((row) => line(row.map(cell)))].join('\n')}\n`;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function meaning(option: Option): string {
  const { defaultValue, description } = option;
  const silent = defaultValue === undefined || typeof defaultValue === 'boolean' || Array.isArray(defaultValue);
  return silent ? description : `${description} (default: ${JSON.stringify(defaultValue)})`;
}

function argumentWord(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}

function section(command: Command, depth: number): string {
  const path = pathOf(command);
  const words = command.registeredArguments.map(argumentWord);
  const options = command.options.filter(({ hidden }) => !hidden);
  const own = words.length > 0 || options.length > 0 || command.commands.length === 0;
  const usage = [path, ...words, ...(options.length > 0 ? ['[flags]'] : [])].join(' ');
  const told = command.registeredArguments.filter(({ description }) => description !== '');
  const rows = [
    ...told.map((argument) => [`\`${argumentWord(argument)}\``, argument.description]),
    ...options.map((option) => [`\`${option.flags}\``, meaning(option)]),
  ];
  const aliases = command.aliases().length === 0 ? '' : ` Also \`${command.aliases().join('`, `')}\`.`;
  const examples = examplesOf(command).map(({ say, run }) => `# ${say}\n${run}`);
  const parts = [
    `${'#'.repeat(depth)} ${path}\n`,
    `${command.description()}.${aliases}\n`,
    ...(own ? [`\`\`\`\n${usage}\n\`\`\`\n`] : []),
    ...(rows.length > 0 ? [table(['argument or flag', 'meaning'], rows)] : []),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.join('\n\n')}\n\`\`\`\n`] : []),
    ...command.commands.map((inner) => section(inner, depth + 1)),
  ];
  return parts.join('\n');
}

function groups(program: Command): string {
  const titles = [...new Set(commands.map(({ group }) => group))];
  return titles
    .map((group) => {
      const own = commands.filter((row) => row.group === group);
      const sections = own.map(({ verb }) => section(findCommand(program, [verb])!, 3));
      return `## ${group.replace(/:$/, '')}\n\n${sections.join('\n')}`;
    })
    .join('\n');
}

export async function cliPage(): Promise<string> {
  const program = await buildProgram(createDeps({ env: {}, version: '' } as unknown as Host));
  return `# The command line

\`ctask VERB TYPE/NAME\`, in the manner of kubectl. Kinds go by plural, singular or short name (\`tasks\`, \`task\`, \`tk\`;
\`ctask api-resources\`). Data goes to standard output, everything else to standard error. \`ctask up\`, \`center\`, \`agent\` and
\`coordination\` run the servers: [configuration.md](configuration.md) has their options.

Programs on PATH called \`ctask-NAME\` are commands as well (\`ctask plugin list\`); built-in commands win.

## Flags of every command

They stand before the verb or after it.

${table(
  ['flag', 'meaning'],
  globalFlags.map(({ flags, description }) => [`\`${flags}\``, description]),
)}
A flag beats a variable (\`CTASK_CONTEXT\`, \`CTASK_NAMESPACE\`, \`CTASK_SERVER\`, \`CTASK_TOKEN\`, \`CTASK_TOKEN_FILE\`, \`CTASK_CACERT\`,
\`CTASK_REQUEST_TIMEOUT\`), a variable beats the configuration file. \`ctask info\` shows every setting in effect and its source.

Defaults and aliases of your own stand in \`ctaskrc.yaml\` beside the configuration, or in the file that \`CTASK_RC\` names (\`off\`: none). A flag on
the command line beats a default, a command of the program an alias:

\`\`\`yaml
defaults:
- command: get
  options: [{name: output, default: wide}]
aliases:
- name: failed                     # ctask failed -A
  command: get
  prependArgs: [runs]
  options: [{name: field-selector, default: status.state=Failed}]
\`\`\`

## Exit codes

${table(
  ['code', 'meaning', 'example'],
  exitCodes.map(({ code, meaning: means, example }) => [code, means, example]),
)}
With \`-o json\` a failure is the server's \`Status\` object on standard error, and nothing on standard output.

## Formats of output

\`-o\` of \`get\`: ${OUTPUT_FORMATS.map((format) => `\`${format}\``).join(', ')}. Jsonpath is that of kubectl: fields, indexes,
slices, \`[*]\`, \`..\`, filters such as \`[?(@.status.state=="Failed")]\`, \`{range}\` and \`{end}\`, texts in quotes. \`--sort-by\` takes a path; objects without a value there come last, and numbers within
names count as numbers. Text formats make control characters visible when they go to a terminal.

## Editors

\`ctask schema > ctask.schema.json\` writes a draft-07 schema of all kinds. An editor with yaml-language-server takes it for files of a name,
also when they have several documents (\`.vscode/settings.json\`):

\`\`\`json
{ "yaml.schemas": { "./ctask.schema.json": ["*.ctask.yaml", "deploy/**/*.yaml"] } }
\`\`\`

or for one file, by its first line: \`ctask schema --modeline task.yaml --location ../ctask.schema.json\`.

${groups(program)}
## What is not here

${table(
  ['verb of kubectl', 'instead'],
  Object.entries(refusedVerbs).map(([verb, why]) => [`\`${verb}\``, why]),
)}`;
}
