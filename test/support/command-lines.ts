// The ctask lines of a text, and whether ctask would understand them: commands, flags and values, without doing anything.
import { Command } from 'commander';
import { type OptionTable, resolveOptions, variableOf } from '../../base/index.js';
import { normalizeArgv } from '../../cli/argv.js';
import { createDeps } from '../../cli/create-deps.js';
import type { Host } from '../../cli/host.js';
import { buildProgram } from '../../cli/program.js';
import { defineAgent } from '../../cli/serve/agent.js';
import { defineCenter } from '../../cli/serve/center.js';
import { agentOptions, centerOptions } from '../../cli/serve/option-tables.js';
import { words } from './cli-terminal.js';

const SERVERS = {
  center: { define: defineCenter, table: centerOptions },
  agent: { define: defineAgent, table: agentOptions },
} as const;

/** Variables of the command line, which are in no table. */
const CLIENT_VARIABLES = ['CTASK_SERVER', 'CTASK_CACERT', 'CTASK_TOKEN_FILE', 'CTASK_TOKEN', 'CTASK_CONFIG'];

/** `ctask …` in code blocks and between backticks, without what a shell does with it. */
export function commandLines(text: string): string[] {
  const code = [...text.matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)].map(
    ([, block, inline]) => block ?? inline ?? '',
  );
  return code
    .flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'))
    .flatMap((line) => line.replace(/\s#.*$|^#.*$/, '').split(/\s(?:&&|\||>|;)\s/))
    .map((line) => line.trim())
    .filter((line) => /^ctask [a-z]/.test(line));
}

/** Throws what commander or the table of options says of it. */
export async function understand(argv: readonly string[]): Promise<void> {
  const [verb] = argv;
  const server = verb === 'center' || verb === 'agent' ? SERVERS[verb] : undefined;
  const root =
    server === undefined ? await buildProgram(createDeps({ env: {}, version: '0' } as unknown as Host)) : new Command();
  server?.define(root);
  let seen: Command | undefined;
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command !== root)
      command.action(() => {
        seen = command;
      });
    for (const inner of command.commands) quiet(inner);
  };
  quiet(root);
  if (server !== undefined)
    root.commands[0]!.action(() => {
      seen = root.commands[0];
    });
  await root.parseAsync([...normalizeArgv(argv)], { from: 'user' });
  if (seen === undefined) throw new Error(`${argv.join(' ')} is no command`);
  if (server === undefined) return;
  const { options: _file, ...flags } = seen.opts<Record<string, unknown>>();
  resolveOptions(server.table as OptionTable, { flags, env: {} });
}

export const understandLine = (line: string): Promise<void> => understand(words(line));

/** Names of variables that no part of CloudTask reads. */
export function unknownVariables(text: string): string[] {
  const known = new Set([
    ...CLIENT_VARIABLES,
    ...[...centerOptions, ...agentOptions].map(({ name }) => variableOf(name)),
  ]);
  return [...text.matchAll(/\b(CTASK_[A-Z_]+)\b=/g)].map(([, name]) => name!).filter((name) => !known.has(name));
}
