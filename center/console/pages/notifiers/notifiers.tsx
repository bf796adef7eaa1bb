// All notifiers and whether they work, and below who is told where a task says nothing itself.
import { Link } from 'wouter';
import { sendTest } from '../../actions/notifier-actions.js';
import type { NotifierObject } from '../../api/objects.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { CommandLine } from '../../parts/command-line.js';
import { type DataColumn, DataTable } from '../../parts/data-table.js';
import { ClearFilters, SearchField, useParameter } from '../../parts/filters.js';
import { Moment } from '../../parts/moment.js';
import { Empty, LiveNote, Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { PermittedLink } from '../../parts/permitted-button.js';
import { StateBadge } from '../../parts/state-badge.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { useLive } from '../../state/use-live.js';
import { notifierState, recipientWords, wayWords } from '../../text/notifiers.js';
import { ctask } from '../../text/shell.js';
import { ToldUnless } from './told-unless.js';

const columns: readonly DataColumn<NotifierObject>[] = [
  {
    name: 'Notifier',
    by: ({ metadata }) => `${metadata.name} ${metadata.namespace}`,
    cell: ({ metadata }) => (
      <>
        <Link className="main-link" href={`/notifiers/${metadata.namespace}/${metadata.name}`}>
          {metadata.name}
        </Link>
        <small>{metadata.namespace}</small>
      </>
    ),
  },
  {
    name: 'State',
    by: notifierState,
    cell: (notifier) => (
      <>
        <StateBadge state={notifierState(notifier)} />
        {notifier.status?.lastError !== undefined && (
          <small className="clipped" title={notifier.status.lastError}>
            {notifier.status.lastError}
          </small>
        )}
      </>
    ),
  },
  {
    name: 'Sends',
    by: wayWords,
    cell: (notifier) => (
      <>
        {wayWords(notifier)}
        <small className="clipped" title={recipientWords(notifier)}>
          {recipientWords(notifier)}
        </small>
      </>
    ),
  },
  {
    name: 'Waiting',
    right: true,
    by: ({ status }) => status?.pending ?? 0,
    cell: ({ status }) => <span className="number">{(status?.pending ?? 0).toLocaleString('en')}</span>,
  },
  {
    name: 'Sent in 7 days',
    right: true,
    wide: true,
    by: ({ status }) => status?.sent ?? 0,
    cell: ({ status }) => <span className="number">{(status?.sent ?? 0).toLocaleString('en')}</span>,
  },
  {
    name: 'Last sent',
    by: ({ status }) => status?.lastSentTime ?? '',
    cell: ({ status }) => <Moment time={status?.lastSentTime} />,
  },
  { name: 'Actions', cell: (notifier) => <ActionButtons object={notifier} actions={[sendTest]} /> },
];

export function NotifiersPage() {
  const { namespace } = useNamespace();
  const [search] = useParameter('q');
  const notifiers = useLive('notifiers', { namespace });
  const found = notifiers.items.filter(({ metadata }) => metadata.name.includes(search.toLowerCase()));
  return (
    <>
      <PageHead title="Notifiers" beside={<span className="count">{found.length.toLocaleString('en')}</span>}>
        <PermittedLink
          href="/new-notifier"
          className="button primary"
          right={{ verb: 'create', plural: 'notifiers', namespace }}
        >
          New notifier
        </PermittedLink>
      </PageHead>
      <search className="filters">
        <SearchField label="Search by name" />
      </search>
      <LiveNote live={notifiers} what="notifiers" />
      {notifiers.phase === 'loading' ? (
        <Loading lines={3} />
      ) : found.length === 0 ? (
        <Empty live={notifiers} title={search === '' ? 'No notifiers' : 'No notifier is like that'}>
          {search === '' ? (
            <p>A notifier tells people by mail, or programs by HTTP, how runs end.</p>
          ) : (
            <ClearFilters />
          )}
        </Empty>
      ) : (
        <DataTable
          caption="Notifiers"
          columns={columns}
          items={found}
          keyOf={({ metadata }) => metadata.uid}
          sorted="Notifier"
        />
      )}
      <CommandLine command={ctask('get notifiers', namespace === undefined ? '-A' : ['-n', namespace])} />
      <ToldUnless />
    </>
  );
}
