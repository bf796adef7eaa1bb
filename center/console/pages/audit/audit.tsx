// Who wrote what: the latest entries that a filter leaves, each with its details; all of them as a file; and whether none is missing.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accessOnlyKinds, accessVerbs, kinds } from '../../../../manifests/index.js';
import { urlOf } from '../../api/request.js';
import { CommandLine } from '../../parts/command-line.js';
import { Choice, ClearFilters, SearchField, TextFilter, useParameter } from '../../parts/filters.js';
import { Empty, ErrorNote, Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { AUDIT_PATH, latestEntries } from '../../state/audit.js';
import { ctask } from '../../text/shell.js';
import { Entries } from './entries.js';
import { Verify } from './verify.js';

const ENTRIES = 200;
const VERBS = [...accessVerbs, 'login'].filter((verb) => !/^(get|list|watch|log|why|timepoints|download)$/.test(verb));
const KINDS = [...kinds.map(({ kind }) => kind), ...accessOnlyKinds].sort();
/** Words of the filter, and hours. */
const TIMES: Readonly<Record<string, number>> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };
const TIME_WORDS: Readonly<Record<string, string>> = {
  ...{ '1h': 'The last hour', '24h': 'The last 24 hours', '7d': 'The last 7 days', '30d': 'The last 30 days' },
};

export function AuditPage() {
  const { namespace } = useNamespace();
  const [user] = useParameter('q');
  const [verb] = useParameter('verb');
  const [kind] = useParameter('kind');
  const [name] = useParameter('name');
  const [time] = useParameter('since');
  const [verifying, setVerifying] = useState(false);
  const hours = TIMES[time];
  const filter = { namespace, user, verb, kind, name };
  // The moment is taken when the center is asked: the filter itself must not change all the time.
  const since = () => (hours === undefined ? {} : { since: new Date(Date.now() - hours * 3_600_000).toISOString() });
  const entries = useQuery({
    queryKey: ['audit', filter, time],
    queryFn: ({ signal }) => latestEntries({ ...filter, ...since() }, ENTRIES, signal),
    refetchInterval: 10_000,
  });
  const filtered = [user, verb, kind, name, time].some((one) => one !== '');
  const object = kind === '' ? [] : [name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`];
  const command = ctask(
    'audit writes',
    ...object,
    ['--by', user],
    ['--verb', verb],
    ['--since', hours === undefined ? '0' : time],
    ['-n', namespace],
  );
  return (
    <>
      <PageHead title="Audit">
        <button type="button" className="button" onClick={() => setVerifying(true)}>
          Verify
        </button>
        <a
          className="button"
          href={urlOf(AUDIT_PATH, { ...filter, ...since(), format: 'ndjson' })}
          download="audit.ndjson"
        >
          Export
        </a>
      </PageHead>
      <search className="filters">
        <SearchField label="By user" />
        <Choice name="verb" label="Verb" all="All verbs" options={VERBS} />
        <Choice name="kind" label="Kind" all="All kinds" options={KINDS} />
        <TextFilter name="name" label="Name of the object" />
        <Choice name="since" label="Since" all="All times" options={Object.keys(TIMES)} words={TIME_WORDS} />
      </search>
      {verifying && <Verify />}
      {entries.error !== null ? (
        <ErrorNote error={entries.error} />
      ) : entries.data === undefined ? (
        <Loading />
      ) : entries.data.length === 0 ? (
        <Empty title={filtered ? 'No entry is like that' : 'Nothing was written'}>{filtered && <ClearFilters />}</Empty>
      ) : (
        <>
          <Entries entries={entries.data} />
          {entries.data.length === ENTRIES && <p className="muted spaced">The latest {ENTRIES}. The export has all.</p>}
        </>
      )}
      <CommandLine command={command} />
    </>
  );
}
