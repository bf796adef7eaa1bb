// docs/events.md: events, conditions and reasons of runs, from the tables that those who write them take their types from.
import {
  type ConditionRow,
  conditionTypes,
  type EventReasonRow,
  eventReasons,
  runReasons,
} from '../manifests/index.js';

function eventTable(): string {
  const rows = Object.entries<EventReasonRow>(eventReasons).map(
    ([reason, { type, about, meaning, action }]) =>
      `| \`${reason}\` | ${type} | ${about.join(', ')} | ${meaning} | ${action} |`,
  );
  return `| reason | type | about | what has happened | what to do |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function conditionTable(): string {
  const rows = Object.entries(conditionTypes).flatMap(([kind, types]) =>
    Object.entries<ConditionRow>(types).map(([type, { holds, reasons }]) => {
      const list = Object.entries(reasons ?? {}).map(([reason, meaning]) => `\`${reason}\`: ${meaning}`);
      return `| ${kind} | \`${type}\` | ${holds} | ${list.length === 0 ? 'those of the run, below' : list.join('; ')} |`;
    }),
  );
  return `| kind | condition | True means | reasons |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function runTable(): string {
  const rows = Object.entries(runReasons).map(
    ([reason, { states, meaning }]) => `| \`${reason}\` | ${states.join(', ')} | ${meaning} |`,
  );
  return `| reason | states | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

export function eventsPage(): string {
  return `# Events, conditions and reasons

What the center says of objects besides their fields. Programs read \`type\` and \`reason\`, people the \`message\`; the words of a message may change,
the reasons do not: all there are stand here.

## Events

\`ctask events\` shows them, \`ctask get events\` lists them as objects. The same event again within an hour is counted up, not added (\`count\`,
\`firstTime\`, \`lastTime\`); of the runs of a task there is one event per reason, whose message names the latest. Events are kept for 24 hours.
A Warning is one that somebody should look at. \`ctask help event-reasons\` prints this table.

${eventTable()}
## Conditions

Conditions say what holds of an object, and since when. \`lastTransitionTime\` changes only when \`status\` flips; \`observedGeneration\` is the generation of
the spec that the condition speaks of. \`ctask wait --for condition=TYPE\` waits for one.

${conditionTable()}
A run has only conditions that are True. When it is over it has exactly one of Complete, Failed and Cancelled.

## Reasons of runs

\`status.reason\` of a run and \`reason\` of an attempt; a run that has succeeded has none, as a rule. \`ctask help run-reasons\` prints this table.

${runTable()}`;
}
