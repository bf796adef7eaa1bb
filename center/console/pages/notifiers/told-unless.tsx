import { Link } from 'wouter';
import { homeOf, rulesOf, type Telling } from '../../actions/notify-actions.js';
import { ChangeNotify } from '../../parts/notify-card.js';
import { NotifyRules } from '../../parts/notify-rules.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { useListed } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';

/** Of more namespaces than these one chooses one above. */
const SHOWN = 24;

/** What namespaces and clusters say: those that name somebody first. */
export function ToldUnless() {
  const { namespace } = useNamespace();
  const namespaces = useLive('namespaces');
  const may = useRights();
  const clusters = useListed('clusters', { wanted: may({ verb: 'list', plural: 'clusters' }).allowed });
  const wanted = namespaces.items.filter(({ metadata }) => namespace === undefined || metadata.name === namespace);
  return (
    <>
      <section aria-label="Namespaces">
        <h2 className="section-head">Who is told of tasks that say nothing themselves</h2>
        <Tellings objects={wanted} />
        {wanted.length > SHOWN && <p className="note spaced">Choose a namespace above to see another one.</p>}
      </section>
      {clusters.items.length > 0 && (
        <section aria-label="Clusters">
          <h2 className="section-head">Who is told of agents</h2>
          <Tellings objects={clusters.items} />
        </section>
      )}
    </>
  );
}

const tells = (object: Telling) => (rulesOf(object) ?? []).length > 0;

/** A card for each that names somebody, and one for all the others. */
function Tellings({ objects }: { readonly objects: readonly Telling[] }) {
  const sorted = [...objects].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const [telling, silent] = [sorted.filter(tells), sorted.filter((one) => !tells(one))];
  const [shown, rest] = [telling.slice(0, SHOWN), silent.slice(0, Math.max(0, SHOWN - telling.length))];
  return (
    <div className="tellings">
      {shown.map((one) => (
        <section key={one.metadata.uid} className="card" aria-label={`${one.kind} ${one.metadata.name}`}>
          <header className="card-head">
            <h3 className="telling">
              <Name object={one} />
            </h3>
            <ChangeNotify object={one} />
          </header>
          <NotifyRules rules={rulesOf(one) ?? []} home={homeOf(one)} />
        </section>
      ))}
      {rest.length > 0 && (
        <section className="card" aria-label="Nobody">
          <header className="card-head">
            <h3 className="telling">Nobody</h3>
          </header>
          <ul className="rows">
            {rest.map((one) => (
              <li key={one.metadata.uid}>
                <span className="main-link">
                  <Name object={one} />
                </span>
                <ChangeNotify object={one} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Name({ object: { kind, metadata } }: { readonly object: Telling }) {
  return kind === 'Cluster' ? <Link href={`/clusters/${metadata.name}`}>{metadata.name}</Link> : metadata.name;
}
