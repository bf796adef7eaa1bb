// docs/semantics.md: what becomes of time points under every combination of policies. Nothing of it is written by hand: each row is
// told by the schedule loop and the runs of an agent (test/semantics).
import {
  missedRunPolicies,
  type Outcome,
  outcomesOf,
  type Situation,
  situations,
} from '../test/semantics/situations.js';
import { clockOf, runsOf, wordsOf } from '../test/semantics/words.js';

interface Row {
  readonly concurrency: string;
  readonly retry: string;
  readonly missed: string[];
  readonly cells: readonly string[];
}

/** Combinations that differ in their missedRunPolicy only, and come to the same, share a row. */
function rowsOf(outcomes: readonly Outcome[], columns: readonly (number | string)[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { policies, told } of outcomes) {
    const words = new Map(runsOf(told).map((run) => [run.point, wordsOf(run)]));
    const cells = columns.map((column) => words.get(column) ?? '');
    const { concurrency, retry, missed } = policies;
    const key = JSON.stringify([concurrency, retry, cells]);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { concurrency, retry, missed: [missed], cells });
    else row.missed.push(missed);
  }
  return [...rows.values()];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

async function section(situation: Situation): Promise<string> {
  const outcomes = await outcomesOf(situation);
  const columns = [...new Set(outcomes.flatMap(({ told }) => runsOf(told).map(({ point }) => point)))];
  const titles = columns.map((column) => (typeof column === 'number' ? clockOf(column) : column.replace('-', ' ')));
  const rows = rowsOf(outcomes, columns).map(({ concurrency, retry, missed, cells }) =>
    line([concurrency, retry, missed.length === missedRunPolicies.length ? 'any' : missed.join(', '), ...cells]),
  );
  const head = ['concurrencyPolicy', 'retry', 'missedRunPolicy', ...titles];
  return `## ${situation.title}\n\n${situation.text}\n\n${line(head)}\n${line(head.map(() => '---'))}\n${rows.join('\n')}\n`;
}

const INTRODUCTION = `# What the policies come to

Every combination of \`concurrencyPolicy\`, \`missedRunPolicy\` and \`retry\` in situations where they matter. The rows are not written by hand: the
schedule loop that runs on agents is put into the situation, on a clock that is moved by hand, and what it records stands here. A test holds for
each of them that every time point ends in exactly one state, that nothing starts early or twice, and that no two processes of a task overlap
unless the policy is \`Allow\`.

The task is due every ten minutes, for the last time at 10:40. \`startingDeadline\` (60s) and \`catchUpWindow\` (1h) are the defaults. The first process that
starts fails; all others succeed, except for its next attempt under *exhausted*.

| retry | |
| --- | --- |
| none | \`limit: 0\`, the default |
| succeeds | \`limit: 1\`, 14 minutes after the failure; the second attempt succeeds |
| exhausted | the same; the second attempt fails, too |

In a cell stand the attempts of the run of that time point with their states, then the state of the run where that says more, and its reason
([events.md](events.md) says what each reason means). *Queued*: the run has waited behind another one of its task. *AgentBusy*: the run, or an
attempt of it, has waited for a place on its agent. *CatchUp*: the time point was missed, and is run
late because of \`missedRunPolicy\`. *any*: all three come to the same.

What to take from it:

- \`Forbid\`, \`Queue\` and \`Replace\` look at runs, not at processes: a run whose retry waits is open. Under \`Forbid\` it lets time points be skipped,
  under \`Queue\` the next run waits for its end, under \`Replace\` the next run takes its place.
- \`missedRunPolicy\` is about time points that nobody could look at in time. A time point that came due while an agent was there and another run was open is
  the business of \`concurrencyPolicy\`: it is Skipped, and not caught up.
- \`RunAll\` makes up one time point after the other, whatever \`concurrencyPolicy\` says, and waits for retries in between. Time points that come due
  meanwhile and are older than \`startingDeadline\` when it is their turn are caught up as well.
- After a take-over nothing but \`Allow\` without \`maxConcurrentRuns\` starts before the end of the former owner's run is known.
- What falls into a suspension is Skipped, under all policies; the retry of an earlier time point is made all the same.
- A run that waits for a place on its agent (\`ctask agent --max-running\`) is open like one that runs. Its \`startingDeadline\` goes on: when that passes it is
  Missed, and not caught up. A run that waited behind another one of its task, or has replaced one, has no deadline any more; nor has a retry.
- A run on demand counts like any other: it is skipped, waits or replaces as the policy says, and lets time points do so.
`;

export async function semanticsPage(): Promise<string> {
  const sections: string[] = [];
  for (const situation of situations) sections.push(await section(situation));
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}
