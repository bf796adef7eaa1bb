// npm run chaos -- --minutes N --seed S: faults at random against real processes; the last line is the verdict.
import { parseArgs } from 'node:util';
import { postgresMissing } from '../support/postgres.js';
import { zooKeeperMissing } from '../support/zookeeper.js';
import { chaos } from './chaos.js';
import { FAULT_KINDS, type FaultKind } from './faults.js';
import { requireBuild } from './require-build.js';
import { verdictLine } from './verdict-line.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    tasks: { type: 'string', default: '40' },
    agents: { type: 'string', default: '5' },
    /** One keeps its store in SQLite; several share a PostgreSQL server. */
    centers: { type: 'string', default: '2' },
    quiet: { type: 'string', default: '60' },
    /** Keep the evidence whatever the verdict. */
    keep: { type: 'boolean', default: false },
    /** Only these kinds, separated by commas; `none` for a run without faults. */
    faults: { type: 'string' },
  },
});

const FINDINGS_SHOWN = 40;
const say = (line: string) => process.stdout.write(`${line}\n`);
const missing = zooKeeperMissing() ?? (Number(values.centers) > 1 ? postgresMissing() : undefined) ?? requireBuild();
if (missing !== undefined) {
  say(`verdict: FAILED cannot run: ${missing}`);
  process.exit(1);
}
const kinds = values.faults?.split(',').filter((kind): kind is FaultKind => FAULT_KINDS.includes(kind as FaultKind));
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort(signal));
const interrupted = (reason: unknown): never => {
  if (!ending.signal.aborted) throw reason;
  say(`verdict: FAILED interrupted by ${reason}`);
  process.exit(130);
};
const result = await chaos({
  seed: Number(values.seed),
  lengthMs: Number(values.minutes) * 60_000,
  quietMs: Number(values.quiet) * 1000,
  tasks: Number(values.tasks),
  agents: Number(values.agents),
  centers: Number(values.centers),
  keep: values.keep,
  ...(kinds === undefined ? {} : { kinds }),
  say,
  signal: ending.signal,
}).catch(interrupted);
for (const line of result.unexpectedExits) say(`unexpected exit: ${line}`);
for (const { check, detail } of result.findings.slice(0, FINDINGS_SHOWN)) say(`finding: ${check}: ${detail}`);
if (result.findings.length > FINDINGS_SHOWN) say(`… ${result.findings.length - FINDINGS_SHOWN} more in findings.json`);
if (result.audit.code !== 0) say(result.audit.output);
if (result.findings.length > 0 || values.keep) {
  say(`evidence: ${result.directory}`);
  const { minutes, seed, tasks, centers } = values;
  say(`again: npm run chaos -- --minutes ${minutes} --seed ${seed} --tasks ${tasks} --centers ${centers}`);
}
say(verdictLine(result));
process.exitCode = result.findings.length === 0 && result.audit.code === 0 ? 0 : 1;
