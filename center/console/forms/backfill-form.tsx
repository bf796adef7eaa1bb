// Runs for time points that have passed: first what would be done, then one run after the other, as `ctask backfill` does it.
import { useEffect, useRef, useState } from 'react';
import { isFinal } from '../../../manifests/index.js';
import { post } from '../actions/action.js';
import type { RunObject, TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { TextField } from '../parts/fields.js';
import { FormDialog } from '../parts/form-dialog.js';
import { StateBadge } from '../parts/state-badge.js';
import { useToast } from '../parts/toasts.js';
import { ctask } from '../text/shell.js';
import { exactTime, inputTime } from '../text/times.js';
import { type Given, givenValues, isComplete, ParameterFields, parameterFlags } from './parameter-fields.js';

interface TaskFormProps {
  readonly object: TaskObject;
  readonly onClose: () => void;
}

interface TimePoint {
  /** RFC 3339. */
  readonly time: string;
  readonly run?: { readonly name: string; readonly state: string };
  readonly done?: 'HasRun' | 'ToCome';
}

interface Found {
  readonly items: readonly TimePoint[];
  /** There are more than one answer holds. */
  readonly continueSince?: string;
}

const DAY_MS = 86_400_000;
const LOOK_MS = 1000;
const POINTS_SHOWN = 200;

export function BackfillForm({ object: task, onClose }: TaskFormProps) {
  const { name, namespace } = task.metadata;
  const declared = task.spec.parameters ?? [];
  const [from, setFrom] = useState(() => inputTime(Date.now() - DAY_MS));
  const [to, setTo] = useState(() => inputTime(Date.now()));
  const [slot, setSlot] = useState('');
  const [given, setGiven] = useState<Given>({});
  const [found, setFound] = useState<Found>();
  const [made, setMade] = useState<number>();
  const gone = useRef(false);
  const tell = useToast();
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  const open = found?.items.filter(({ done }) => done === undefined) ?? [];
  const [since, until] = [from, to].map((text) => {
    const time = Date.parse(text);
    return Number.isNaN(time) ? '' : new Date(time).toISOString();
  });
  const command = ctask(
    'backfill',
    name,
    ['--from', since],
    ['--to', until],
    ['--slot', slot],
    ...parameterFlags(given),
    ...(found === undefined ? ['--dry-run'] : []),
    ['-n', namespace],
  );
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setFound(undefined);
    };

  async function send(): Promise<void> {
    if (found === undefined) {
      const query = { since, until, slot };
      setFound(await request<Found>(pathOf('tasks', namespace, name, 'timepoints'), { query }));
      return;
    }
    // The oldest first, one at a time; who closes the dialog stops making further ones.
    for (const [index, { time }] of open.entries()) {
      setMade(index);
      const body = { scheduledTime: time, parameters: givenValues(given), ...(slot === '' ? {} : { slot }) };
      const run = (await post(pathOf('tasks', namespace, name, 'backfill'), body)) as RunObject;
      await ended(run, gone);
      if (gone.current) return;
    }
    tell({ text: `${name}: ${open.length} time points are made up for`, tone: 'good', command });
    onClose();
  }

  return (
    <FormDialog
      title={`Backfill ${name}`}
      submit={found === undefined ? 'Look what would run' : `Run ${open.length}`}
      command={command}
      incomplete={
        since === '' || until === '' || !isComplete(declared, given) || (found !== undefined && open.length === 0)
      }
      send={send}
      onClose={onClose}
    >
      {(problemAt) => (
        <>
          <TextField
            label="From"
            type="datetime-local"
            value={from}
            onChange={changed(setFrom)}
            problem={problemAt('since')}
          />
          <TextField
            label="To"
            type="datetime-local"
            value={to}
            onChange={changed(setTo)}
            problem={problemAt('until')}
          />
          {(task.spec.placement?.mode ?? 'Single') !== 'Single' && (
            <TextField
              label="Slot"
              value={slot}
              onChange={changed(setSlot)}
              required
              suggestions={task.status?.allocations?.map((one) => one.slot) ?? []}
              hint="A time point has an outcome for each slot"
            />
          )}
          <ParameterFields declared={declared} given={given} onChange={setGiven} problemAt={problemAt} />
          {found !== undefined && <Preview found={found} open={open.length} />}
          {made !== undefined && (
            <p role="status">
              <progress max={open.length} value={made} aria-label="Runs made" /> {made + 1} of {open.length}; closing
              this stops after the run that is open
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}

function Preview({ found, open }: { readonly found: Found; readonly open: number }) {
  return (
    <section aria-label="What would run">
      <p className="muted">
        {found.items.length} time points, {open} without a run
        {found.continueSince !== undefined && '; there are more: choose a later beginning after these'}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach what scrolls */}
      <ul className="rows preview" tabIndex={0} aria-label="Time points">
        {found.items.slice(0, POINTS_SHOWN).map(({ time, run, done }) => (
          <li key={time}>
            <span className="main-link">{exactTime(Date.parse(time))}</span>
            {done === 'ToCome' ? (
              <span className="muted">comes by itself</span>
            ) : run === undefined ? (
              <span>would run</span>
            ) : (
              <>
                {done === undefined && <span>would run</span>}
                <StateBadge state={run.state} />
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Looks at the run until it has ended, or nobody looks any more. */
async function ended({ metadata }: RunObject, gone: { readonly current: boolean }): Promise<void> {
  while (!gone.current) {
    const run = await request<RunObject>(pathOf('runs', metadata.namespace, metadata.name));
    if (isFinal(run.status?.state ?? 'Pending')) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
