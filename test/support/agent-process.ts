// An agent as a process of its own, so that a test can kill it: node agent-process.ts <AgentProcessOptions as JSON>.
// Prints one JSON line per event.
import { createAgent } from '../../agent/index.js';
import { type LogFields, type Logger, silentLogger, systemClock } from '../../base/index.js';

export interface AgentProcessOptions {
  readonly dataDir: string;
  readonly name: string;
  readonly center: string;
  readonly connectString: string;
  readonly runnerEntry: readonly string[];
  readonly maxRunning?: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as AgentProcessOptions;
const say = (event: string, payload: object) => process.stdout.write(`${JSON.stringify({ event, ...payload })}\n`);
/** What a test may wait for: that something went wrong, and that it is well again. */
const told = (_: LogFields, sentence: string) => void say('log', { sentence });
const log: Logger = { ...silentLogger, warn: told, error: told, child: () => log };

const agent = createAgent({
  dataDir: options.dataDir,
  name: options.name,
  cluster: 'default',
  labels: {},
  center: { urls: [options.center], token: () => 'ct_test' },
  coordination: { connectString: options.connectString, sessionTimeoutMs: 4000, root: '/cloudtask' },
  runnerEntry: options.runnerEntry,
  ...(options.maxRunning === undefined ? {} : { maxRunning: options.maxRunning }),
  clock: systemClock,
  log,
});
agent.events.on('claimed', (payload) => say('claimed', payload));
agent.events.on('started', (payload) => say('started', payload));
agent.events.on('ended', (payload) => say('ended', payload));
await agent.start(new AbortController().signal);
say('ready', {});
