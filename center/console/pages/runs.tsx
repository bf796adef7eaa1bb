import { useMemo } from 'react';
import { RUN_STATES, RUN_TRIGGERS } from '../../../manifests/index.js';
import { Choice, ClearFilters, LabelField, SearchField, useParameter } from '../parts/filters.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { RunTable } from '../parts/run-table.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';
import { endedBadly, UNSUCCESSFUL } from '../text/outcomes.js';
import { stateWords } from '../text/state-words.js';

/** Of the newest runs; older ones are found by task. */
const RUNS = 2000;

const STATES = [UNSUCCESSFUL, ...RUN_STATES];
const STATE_WORDS = {
  ...Object.fromEntries(RUN_STATES.map((state) => [state, stateWords(state)])),
  [UNSUCCESSFUL]: 'All that went wrong',
};

export function RunsPage() {
  const { namespace } = useNamespace();
  const [search] = useParameter('q');
  const [state] = useParameter('state');
  const [trigger] = useParameter('trigger');
  const [labels] = useParameter('labels');
  const bad = state === UNSUCCESSFUL;
  const fields = [state && !bad && `status.state=${state}`, trigger && `spec.trigger=${trigger}`]
    .filter(Boolean)
    .join(',');
  const runs = useLive('runs', {
    namespace,
    limit: RUNS,
    ...(fields === '' ? {} : { fieldSelector: fields }),
    ...(labels === '' ? {} : { labelSelector: labels }),
  });
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    return runs.items.filter((run) => run.metadata.name.toLowerCase().includes(wanted) && (!bad || endedBadly(run)));
  }, [runs.items, search, bad]);

  const filtered = search !== '' || state !== '' || fields !== '' || labels !== '';

  return (
    <>
      <PageHead title="Runs" beside={<span className="count">{found.length.toLocaleString('en')}</span>} />
      <search className="filters">
        <SearchField label="Search by name" />
        <Choice name="state" label="State" all="All states" options={STATES} words={STATE_WORDS} />
        <Choice name="trigger" label="Trigger" all="All triggers" options={RUN_TRIGGERS} />
        <LabelField />
      </search>
      <LiveNote live={runs} what="runs" />
      {runs.phase === 'loading' && found.length === 0 ? (
        <Loading />
      ) : found.length === 0 ? (
        <Empty live={runs} title={filtered ? 'No run is like that' : 'Nothing has run yet'}>
          {filtered ? <ClearFilters /> : <p>A run stands here as soon as a task fires, or is started.</p>}
        </Empty>
      ) : (
        <RunTable runs={found} of="many" />
      )}
    </>
  );
}
