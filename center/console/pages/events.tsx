import { useMemo } from 'react';
import { EventList } from '../parts/event-list.js';
import { Choice, ClearFilters, SearchField, useParameter } from '../parts/filters.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';

const EVENTS = 1000;
const SHOWN = 200;

export function EventsPage() {
  const { namespace } = useNamespace();
  const [search] = useParameter('q');
  const [type] = useParameter('type');
  const events = useLive('events', {
    namespace,
    limit: EVENTS,
    ...(type === '' ? {} : { fieldSelector: `spec.type=${type}` }),
  });
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    const texts = events.items.filter(({ spec }) =>
      `${spec.reason} ${spec.regarding.name} ${spec.message}`.toLowerCase().includes(wanted),
    );
    return texts.sort((a, b) => (a.spec.lastTime > b.spec.lastTime ? -1 : 1));
  }, [events.items, search]);
  const filtered = search !== '' || type !== '';
  return (
    <>
      <PageHead title="Events" beside={<span className="count">{found.length.toLocaleString('en')}</span>} />
      <search className="filters">
        <SearchField label="Search events" />
        <Choice name="type" label="Type" all="All types" options={['Normal', 'Warning']} />
      </search>
      <LiveNote live={events} what="events" />
      {events.phase === 'loading' && found.length === 0 ? (
        <Loading />
      ) : found.length === 0 ? (
        <Empty live={events} title={filtered ? 'No event is like that' : 'Nothing has happened'}>
          {filtered ? <ClearFilters /> : <p>What agents and tasks do is told here, and forgotten after a while.</p>}
        </Empty>
      ) : (
        <EventList events={found.slice(0, SHOWN)} />
      )}
      {found.length > SHOWN && <p className="note">These are the latest {SHOWN}; search for the others.</p>}
    </>
  );
}
