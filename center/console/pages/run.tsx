import { useState } from 'react';
import { Link } from 'wouter';
import { isFinal } from '../../../manifests/index.js';
import { runActions, runActionsAfterChange } from '../actions/run-actions.js';
import type { RunObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { CommandLine } from '../parts/command-line.js';
import { LogView } from '../parts/log-view.js';
import { Missing } from '../parts/missing.js';
import { Moment, Took } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { StateBadge } from '../parts/state-badge.js';
import { useAsker } from '../state/use-asker.js';
import { useListed } from '../state/use-listed.js';
import { useLive } from '../state/use-live.js';
import { clockIn, dayIn, exactTime, shownZone, timeIn } from '../text/times.js';
import { RunGiven } from './run-given.js';

interface RunPageProps {
  readonly namespace: string;
  readonly name: string;
}

export function RunPage({ namespace, name }: RunPageProps) {
  const runs = useLive('runs', { namespace, fieldSelector: `metadata.name=${name}` });
  const [run] = runs.items;
  const tasks = useListed('tasks', { namespace, fieldSelector: `metadata.name=${run?.spec.task ?? ''}` });
  if (run === undefined) {
    if (runs.phase === 'loading') return <Loading />;
    return (
      <Missing live={runs} kind="run" name={name} namespace={namespace} above={{ name: 'Runs', path: '/runs' }}>
        <p>Runs are kept for as long as the history of their task says.</p>
      </Missing>
    );
  }
  const { spec, status } = run;
  const state = status?.state ?? 'Pending';
  const changed = tasks.items.some(
    ({ metadata }) => metadata.uid === spec.taskUid && metadata.generation !== spec.revision,
  );
  const never = isFinal(state) && (status?.attempts ?? []).length === 0;
  return (
    <>
      <PageHead
        title={name}
        above={{ name: `Task ${spec.task} in ${namespace}`, path: `/tasks/${namespace}/${spec.task}` }}
        beside={<StateBadge state={state} />}
      >
        <ActionButtons object={run} actions={changed ? runActionsAfterChange : runActions} ofPage={name} />
      </PageHead>
      <LiveNote live={runs} what="runs" />
      {status?.message !== undefined && <p className="note">{status.message}</p>}
      <Facts run={run} />
      <RunGiven run={run} />
      {(status?.attempts ?? []).length > 1 && <Attempts run={run} />}
      {never ? (
        <Empty title="It never started">
          <p>There is no output of a run that was {state.toLowerCase()}.</p>
        </Empty>
      ) : (
        <Output
          {...{ namespace, name, over: isFinal(state) }}
          attempts={Math.max(1, status?.attempts?.at(-1)?.number ?? 1)}
        />
      )}
    </>
  );
}

function Facts({ run }: { readonly run: RunObject }) {
  const { spec, status, metadata } = run;
  const asker = useAsker(run);
  const { exitCode, signal, agent, startTime, endTime } = status ?? {};
  const scheduled = spec.scheduledTime;
  const due = Date.parse(scheduled ?? metadata.creationTimestamp);
  return (
    <dl className="facts card across">
      <div>
        <dt>Trigger</dt>
        <dd className="breaks-words">
          {spec.trigger}
          {asker !== undefined && `, by ${asker}`}
        </dd>
      </div>
      <div>
        <dt>Revision</dt>
        <dd className="number">{spec.revision}</dd>
      </div>
      <div>
        <dt>{scheduled === undefined ? 'Asked for' : 'Due'}</dt>
        <dd>{exactTime(due)}</dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>
          <When time={startTime} day={due} />
        </dd>
      </div>
      {endTime !== undefined && (
        <div>
          <dt>Ended</dt>
          <dd>
            <When time={endTime} day={due} />
          </dd>
        </div>
      )}
      <div>
        <dt>{startTime !== undefined && endTime === undefined ? 'Running for' : 'Took'}</dt>
        <dd>
          <Took start={startTime} end={endTime} />
        </dd>
      </div>
      {(signal ?? exitCode) !== undefined && (
        <div>
          <dt>{signal === undefined ? 'Exit code' : 'Ended by'}</dt>
          <dd className={signal === undefined && exitCode === 0 ? undefined : 'bad-words'}>{signal ?? exitCode}</dd>
        </div>
      )}
      <div>
        <dt>Agent</dt>
        <dd>{agent === undefined ? '–' : <Link href={`/agents/${agent}`}>{agent}</Link>}</dd>
      </div>
      {spec.slot !== '' && (
        <div>
          <dt>Slot</dt>
          <dd>{spec.slot}</dd>
        </div>
      )}
      {spec.retryOf !== undefined && (
        <div>
          <dt>Repeats</dt>
          <dd>
            <Link href={`/runs/${metadata.namespace}/${spec.retryOf}`}>{spec.retryOf}</Link>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** The clock, with the day where that is another than `day`, and how long ago. */
function When({ time, day }: { readonly time: string | undefined; readonly day: number }) {
  if (time === undefined) return <Moment time={time} />;
  const [zone, instant] = [shownZone(), Date.parse(time)];
  const sameDay = dayIn(zone, instant) === dayIn(zone, day);
  return (
    <>
      {sameDay ? clockIn(zone, instant) : timeIn(zone, instant)}{' '}
      <span className="muted">
        <Moment time={time} />
      </span>
    </>
  );
}

function Attempts({ run }: { readonly run: RunObject }) {
  return (
    <ol className="attempts" aria-label="Attempts">
      {run.status?.attempts?.map(({ number, state, agent, startTime, endTime, exitCode }) => (
        <li key={number}>
          <span className="faint">Attempt {number}</span> <StateBadge state={state} />
          {exitCode !== undefined && <span className="muted">exit {exitCode}</span>}
          <Took start={startTime} end={endTime} />
          <span className="muted">{agent}</span>
        </li>
      ))}
    </ol>
  );
}

interface OutputProps extends RunPageProps {
  readonly attempts: number;
  /** Nothing more comes. */
  readonly over: boolean;
}

/** The latest attempt unless another one was chosen. */
function Output({ namespace, name, attempts, over }: OutputProps) {
  const [chosen, setChosen] = useState<number>();
  const attempt = chosen ?? attempts;
  return (
    <>
      {attempts > 1 && (
        <label className="choice">
          <span className="visually-hidden">Attempt</span>
          <select value={attempt} onChange={(event) => setChosen(Number(event.target.value))}>
            {Array.from({ length: attempts }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: attempts are numbered
              <option key={index} value={index + 1}>
                Attempt {index + 1}
              </option>
            ))}
          </select>
        </label>
      )}
      <LogView key={attempt} namespace={namespace} run={name} attempt={attempt} over={over || attempt < attempts} />
      <CommandLine command={`ctask logs ${over ? '' : '-f '}${name} -n ${namespace}`} />
    </>
  );
}
