export { type Agent, createAgent } from './agent.js';
export type { AgentEventMap, AgentEvents } from './agent-events.js';
export type { AgentOptions } from './agent-options.js';
export { type ClientCertificate, coordinationSecretFile, readCertificate } from './join/client-certificate.js';
export { type JoinOptions, joinCenter } from './join/join-center.js';
export type { ClaimIntent, Journal, JournalEntry, JournalState } from './journal/journal.js';
export { type JournalOptions, openJournal } from './journal/open-journal.js';
export { removeTree } from './packages/remove-tree.js';
export {
  acquireLock,
  type FoundCgroups,
  findCgroups,
  type Platform,
  platform,
  prepareCgroups,
} from './platform/index.js';
export { abortLaunch, readExit, readGaps, readStarted } from './runner/attempt-files.js';
export type {
  ExitRecord,
  GapRecord,
  LaunchOutcome,
  LaunchRequest,
  RunnerClient,
  StartedRecord,
} from './runner/runner.js';
export { createRunnerClient, type RunnerClientOptions } from './runner/runner-client.js';
export { runRunner as runnerMain } from './runner/runner-main.js';
export { parseRunAs } from './runs/run-as.js';
