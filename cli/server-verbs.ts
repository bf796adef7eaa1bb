// Commands that run parts of CloudTask instead of asking one. Their code is loaded only when they are called: a client
// command must not pay for a web server and a database.
import type { Command } from 'commander';
import type { CliDeps } from './deps.js';

/** Defines one command on `program`; loads nothing that only its run needs. */
export type DefineCommand = (program: Command, deps: CliDeps) => void;

const serverVerbs = {
  up: 'Run everything on this machine: coordination, a center and an agent',
  center: 'Run a center: API and controllers',
  agent: 'Run an agent: starts the processes of tasks on this machine',
  backup: 'Back up an installation while it runs, on the machine of its center',
  restore: 'Restore a backup into an empty store and an empty coordination',
  coordination: 'Run the embedded coordination server',
} as const;

export type ServerVerb = keyof typeof serverVerbs;

export function isServerVerb(verb: string | undefined): verb is ServerVerb {
  return verb !== undefined && Object.hasOwn(serverVerbs, verb);
}

/** How start.ts loads each of them. */
export type ServerCommands = Readonly<Record<ServerVerb, () => Promise<DefineCommand>>>;

/** Lines in the help of the whole program; never run, since these verbs are looked for before commander sees them. */
export function defineServerVerbStubs(program: Command): void {
  for (const [verb, description] of Object.entries(serverVerbs)) {
    program
      .command(verb, { hidden: verb === 'coordination' })
      .description(description)
      .helpGroup('Servers:');
  }
}
