import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { homeOf, type NotifyList, rulesOf, type Telling, toldWords } from '../../actions/notify-actions.js';
import { LiveNote } from '../../parts/notes.js';
import { ChangeNotify } from '../../parts/notify-card.js';
import { NotifyRules } from '../../parts/notify-rules.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { useListed } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';

/** More of a sort are counted only. */
const SHOWN = 24;

/** What namespaces and clusters say: those that name somebody first. */
export function ToldUnless() {
  const { namespace } = useNamespace();
  const namespaces = useLive('namespaces');
  const may = useRights();
  const clusters = useListed('clusters', { wanted: may({ verb: 'list', plural: 'clusters' }).allowed });
  const wanted = namespaces.items.filter(({ metadata }) => namespace === undefined || metadata.name === namespace);
  const moreClusters = <Link href="/clusters">Each cluster has a page that says it.</Link>;
  return (
    <>
      <section aria-label="Namespaces">
        <h2 className="section-head">Defaults of namespaces</h2>
        <p className="muted under-head">Who is told of tasks that name nobody themselves.</p>
        <LiveNote live={namespaces} what="namespaces" />
        <Tellings objects={wanted} list="notify" elsewhere="Choose a namespace above to see another one." />
      </section>
      {clusters.items.length > 0 && (
        <>
          <section aria-label="Tasks of clusters">
            <h2 className="section-head">Defaults of clusters</h2>
            <p className="muted under-head">Who is told of tasks for which their namespace names nobody either.</p>
            <Tellings objects={clusters.items} list="notifyRuns" elsewhere={moreClusters} />
          </section>
          <section aria-label="Clusters">
            <h2 className="section-head">Who is told of agents</h2>
            <Tellings objects={clusters.items} list="notify" elsewhere={moreClusters} />
          </section>
        </>
      )}
    </>
  );
}

interface TellingsProps {
  readonly objects: readonly Telling[];
  readonly list: NotifyList;
  /** Where those are that are not shown. */
  readonly elsewhere: ReactNode;
}

/** A card for each that names somebody, and one for all that leave it to their cluster, or name nobody. */
function Tellings({ objects, list, elsewhere }: TellingsProps) {
  const names = (one: Telling) => (rulesOf(one, list) ?? []).length > 0;
  const passes = (one: Telling) => one.kind === 'Namespace' && rulesOf(one, list) === undefined;
  const rank = (one: Telling) => (names(one) ? 0 : passes(one) ? 1 : 2);
  const sorted = [...objects].sort((a, b) => rank(a) - rank(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  const shown = sorted.slice(0, SHOWN);
  const hidden = sorted.length - shown.length;
  return (
    <>
      <div className="tellings">
        {shown.filter(names).map((one) => (
          <section key={one.metadata.uid} className="card" aria-label={`${one.kind} ${toldWords(one, list)}`}>
            <header className="card-head">
              <h3 className="telling">
                <Name object={one} />
              </h3>
              <ChangeNotify object={one} list={list} />
            </header>
            <NotifyRules rules={rulesOf(one, list) ?? []} home={homeOf(one)} />
          </section>
        ))}
        <Silent title="Whom the cluster names" objects={shown.filter(passes)} list={list} />
        <Silent title="Nobody" objects={shown.filter((one) => rank(one) === 2)} list={list} />
      </div>
      {hidden > 0 && (
        <p className="note spaced">
          And {hidden.toLocaleString('en')} more, which are not shown here. {elsewhere}
        </p>
      )}
    </>
  );
}

interface SilentProps {
  readonly title: string;
  readonly objects: readonly Telling[];
  readonly list: NotifyList;
}

function Silent({ title, objects, list }: SilentProps) {
  if (objects.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h3 className="telling">{title}</h3>
      </header>
      <ul className="rows">
        {objects.map((one) => (
          <li key={one.metadata.uid}>
            <span className="main-link">
              <Name object={one} />
            </span>
            <ChangeNotify object={one} list={list} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Name({ object: { kind, metadata } }: { readonly object: Telling }) {
  return kind === 'Cluster' ? <Link href={`/clusters/${metadata.name}`}>{metadata.name}</Link> : metadata.name;
}
