import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Link } from 'wouter';
import { notifierActions } from '../../actions/notifier-actions.js';
import type { NotifierObject } from '../../api/objects.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { CommandLine } from '../../parts/command-line.js';
import { EventsOf } from '../../parts/events-of.js';
import { Figure } from '../../parts/figure.js';
import { LeadWords } from '../../parts/lead-words.js';
import { Missing } from '../../parts/missing.js';
import { Moment } from '../../parts/moment.js';
import { ErrorNote, LiveNote, Loading } from '../../parts/notes.js';
import { Notifications } from '../../parts/notification-table.js';
import { PageHead } from '../../parts/page-head.js';
import { StateBadge } from '../../parts/state-badge.js';
import { Tabs } from '../../parts/tabs.js';
import { useLatestTest } from '../../state/notifier-tests.js';
import { LISTED } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { useUses } from '../../state/use-notifications.js';
import { notifierFacts, notifierState, recipientWords, wayWords } from '../../text/notifiers.js';

/** With its editor, which few visits need. */
const NotifierManifest = lazy(() =>
  import('./notifier-manifest.js').then((module) => ({ default: module.NotifierManifest })),
);

interface NotifierPageProps {
  readonly namespace: string;
  readonly name: string;
  readonly tab: string;
}

const TABS = [
  ['overview', 'Overview'],
  ['manifest', 'Manifest'],
  ['events', 'Events'],
] as const;

/** One notifier: where it sends to and whether that works, who names it, and what it has told. */
export function NotifierPage({ namespace, name, tab }: NotifierPageProps) {
  const notifiers = useLive('notifiers', { namespace, fieldSelector: `metadata.name=${name}` });
  const [notifier] = notifiers.items;
  if (notifier === undefined) {
    if (notifiers.phase === 'loading') return <Loading />;
    const above = { name: `Notifiers in ${namespace}`, path: '/notifiers' };
    return <Missing live={notifiers} kind="notifier" name={name} namespace={namespace} above={above} />;
  }
  const base = `/notifiers/${namespace}/${name}`;
  return (
    <>
      <PageHead
        title={name}
        above={{ name: `Notifiers in ${namespace}`, path: '/notifiers' }}
        beside={<StateBadge state={notifierState(notifier)} />}
      >
        <ActionButtons object={notifier} actions={notifierActions} ofPage={name} />
      </PageHead>
      <LiveNote live={notifiers} what="notifiers" />
      {notifier.spec.description !== undefined && <LeadWords text={notifier.spec.description} />}
      <TestNote notifier={notifier} />
      <Tabs
        label="Parts of the notifier"
        tabs={TABS.map(([key, words]) => ({
          name: words,
          path: key === 'overview' ? base : `${base}/${key}`,
          current: key === tab,
        }))}
      />
      {tab === 'manifest' ? (
        <Suspense fallback={<Loading />}>
          <NotifierManifest key={notifier.metadata.uid} notifier={notifier} />
        </Suspense>
      ) : tab === 'events' ? (
        <EventsOf kind="Notifier" object={notifier} empty="Nothing has happened" />
      ) : (
        <Overview notifier={notifier} />
      )}
    </>
  );
}

/** What became of a test: here it can be read for as long as one likes. */
function TestNote({ notifier }: { readonly notifier: NotifierObject }) {
  const outcome = useLatestTest(notifier);
  const client = useQueryClient();
  // The table below has a row more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each outcome is news
  useEffect(() => void client.invalidateQueries({ queryKey: [LISTED] }), [outcome, client]);
  if (outcome === undefined) return null;
  // Where a webhook leads may be known to its secret alone.
  const to = recipientWords(notifier);
  const where = to === '' ? '' : ` to ${to}`;
  if (outcome.phase === 'asking') {
    return (
      <p className="note" role="status">
        A test is on its way{where}…
      </p>
    );
  }
  const { phase, at, words } = outcome;
  return (
    <p className={phase === 'failed' ? 'note bad' : words === undefined ? 'note' : 'note warn'} role="status">
      {phase === 'failed' ? 'The test was not sent' : `The test was sent${where}`} (
      <Moment time={at} />){words !== undefined && `${phase === 'failed' ? ': ' : ', but '}${words}`}
    </p>
  );
}

function Overview({ notifier }: { readonly notifier: NotifierObject }) {
  const outcome = useLatestTest(notifier);
  const { namespace, name } = notifier.metadata;
  const { lastError, lastErrorTime } = notifier.status ?? {};
  return (
    <>
      {lastError !== undefined && !(outcome?.phase === 'failed' && outcome.words === lastError) && (
        <p className="note bad" role="status">
          The latest try failed <Moment time={lastErrorTime} />: {lastError}
        </p>
      )}
      <div className="notifier">
        <div>
          <Delivery notifier={notifier} />
          <Uses namespace={namespace} name={name} />
        </div>
        <Sending notifier={notifier} />
      </div>
      <Notifications plural="notifiers" namespace={namespace} name={name} />
      <CommandLine command={`ctask describe notifier ${name} -n ${namespace}`} />
    </>
  );
}

function Delivery({ notifier: { status = {} } }: { readonly notifier: NotifierObject }) {
  const { pending = 0, sent = 0, failed = 0, lastSentTime } = status;
  return (
    <section className="card" aria-label="Delivery">
      <header className="card-head">
        <h2>Delivery</h2>
        <span className="muted">of the last seven days</span>
      </header>
      <dl className="figures">
        <Figure name="Waiting" value={pending} />
        <Figure name="Sent" value={sent} />
        <Figure name="Given up" value={failed} />
      </dl>
      <p className="muted under">
        {lastSentTime === undefined ? (
          'It has sent nothing yet.'
        ) : (
          <>
            Sent last: <Moment time={lastSentTime} />
          </>
        )}
      </p>
    </section>
  );
}

function Sending({ notifier }: { readonly notifier: NotifierObject }) {
  const facts = [...notifierFacts(notifier), ['Waits for more', notifier.spec.groupWait ?? '30s'] as const];
  return (
    <section className="card" aria-label={wayWords(notifier)}>
      <header className="card-head">
        <h2>{wayWords(notifier)}</h2>
      </header>
      <dl className="facts">
        {facts.map(([field, value]) => (
          <div key={`${field}/${value}`}>
            <dt>{field}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What names it: whoever changes it changes what these are told by. */
function Uses({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const { data, error } = useUses(namespace, name);
  return (
    <section className="card" aria-label="Named by">
      <header className="card-head">
        <h2>Named by</h2>
      </header>
      {error !== null ? (
        <ErrorNote error={error} />
      ) : data === undefined ? (
        <Loading lines={2} />
      ) : data.items.length === 0 ? (
        <p className="muted">
          Nothing yet: a task, its namespace or a cluster names it in <code>spec.notify</code>.
        </p>
      ) : (
        <ul className="rows uses">
          {data.items.map((use, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cluster may name it twice, for its agents and for runs
            <li key={`${index}/${use.kind}/${use.name}`}>
              <span className="faint kind">{use.kind}</span>
              <UseLink kind={use.kind} name={use.name} namespace={use.namespace} />
              <span className="tags">
                {use.on.map((event) => (
                  <span key={event} className="tag">
                    {event}
                  </span>
                ))}
              </span>
            </li>
          ))}
          {data.more === true && <li className="muted">… and more</li>}
        </ul>
      )}
    </section>
  );
}

interface UseLinkProps {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

function UseLink({ kind, name, namespace }: UseLinkProps) {
  if (kind === 'Namespace') return <span className="main-link">{name}</span>;
  const path = kind === 'Task' ? `/tasks/${namespace}/${name}/notifications` : `/clusters/${name}`;
  return (
    <Link className="main-link" href={path}>
      {name}
    </Link>
  );
}
