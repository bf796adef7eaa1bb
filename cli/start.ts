// Everything that happens is in runCli; this file ties it to the real process.
import { processHost } from './process-host.js';
import { runCli } from './run-cli.js';
import type { ServerCommands } from './server-verbs.js';

// Only here is the code of servers named: a client command must not load a web server and a database.
const servers: ServerCommands = {
  up: async () => (await import('./serve/up.js')).defineUp,
  center: async () => (await import('./serve/center.js')).defineCenter,
  agent: async () => (await import('./serve/agent.js')).defineAgent,
  backup: async () => (await import('./serve/backup.js')).defineBackup,
  restore: async () => (await import('./serve/restore.js')).defineRestore,
  coordination: async () => (await import('./serve/coordination.js')).defineCoordination,
};

const lookHere = async () => (await import('./serve/doctor.js')).lookHere;

const host = processHost();
runCli(process.argv.slice(2), host, servers, lookHere).then(
  (exit) => host.end(exit),
  // Only a defect of error reporting itself gets here.
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
