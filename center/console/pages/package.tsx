import { useState } from 'react';
import { Link } from 'wouter';
import { formatBytes } from '../../../base/index.js';
import { currentVersion, shortDigest } from '../../../manifests/index.js';
import { deletePackage, makeCurrent, switchAll, switchTask } from '../actions/package-actions.js';
import type { PackageObject, TaskObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { CopyButton } from '../parts/copy-button.js';
import { type DataColumn, PagedTable, useSortField } from '../parts/data-table.js';
import { LeadWords } from '../parts/lead-words.js';
import { Missing } from '../parts/missing.js';
import { Moment } from '../parts/moment.js';
import { LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { UploadDialog } from '../parts/upload-dialog.js';
import { useLive } from '../state/use-live.js';
import { usePage } from '../state/use-page.js';
import { useRights } from '../state/use-rights.js';

interface PackagePageProps {
  readonly namespace: string;
  readonly name: string;
}

/** One package: its versions, who made them, and which tasks run which. */
export function PackagePage({ namespace, name }: PackagePageProps) {
  const [uploading, setUploading] = useState(false);
  const may = useRights();
  const packages = useLive('packages', { namespace, fieldSelector: `metadata.name=${name}` });
  const [object] = packages.items;
  if (object === undefined) {
    if (packages.phase === 'loading') return <Loading />;
    const above = { name: 'Packages', path: '/packages' };
    return <Missing live={packages} kind="package" name={name} namespace={namespace} above={above} />;
  }
  const version = currentVersion(object)?.version;
  return (
    <>
      <PageHead
        title={name}
        above={{ name: `Packages in ${namespace}`, path: '/packages' }}
        beside={version === undefined ? undefined : <span className="count">version {version}</span>}
      >
        <PermittedButton
          className="button primary"
          permission={may({ verb: 'upload', plural: 'packages', namespace })}
          onPress={() => setUploading(true)}
        >
          New version
        </PermittedButton>
        <ActionButtons object={object} actions={[switchAll, deletePackage]} />
      </PageHead>
      <LiveNote live={packages} what="packages" />
      {object.spec.description !== undefined && <LeadWords text={object.spec.description} />}
      <Versions object={object} />
      <Users object={object} />
      {uploading && <UploadDialog namespace={namespace} name={name} onClose={() => setUploading(false)} />}
    </>
  );
}

function Versions({ object }: { readonly object: PackageObject }) {
  const actions = [makeCurrent(object)];
  return (
    <section aria-label="Versions">
      <h2 className="section-head">Versions</h2>
      <div className="table-box">
        <table className="data stacked">
          <caption className="visually-hidden">Versions</caption>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col" className="right">
                Size
              </th>
              <th scope="col">SHA-256</th>
              <th scope="col">Uploaded</th>
              <th scope="col">By</th>
              <th scope="col" aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {(object.status?.versions ?? []).map((one) => (
              <tr key={one.digest}>
                <td className="lead">
                  <span className="number">{one.version}</span>
                  {one.digest === object.spec.digest && <span className="tag">current</span>}
                </td>
                <td className="number right" data-label="State">
                  {formatBytes(one.bytes)}
                </td>
                <td data-label="SHA-256">
                  <span className="digest">
                    <code title={one.digest}>{shortDigest(one.digest)}…</code>
                    <CopyButton label={`Copy the SHA-256 of version ${one.version}`} text={() => one.digest} />
                  </span>
                </td>
                <td data-label="Uploaded" className="half">
                  <Moment time={one.time} />
                </td>
                <td data-label="By" className="half end">
                  {one.author || <span className="faint none">–</span>}
                </td>
                <td data-label="Actions" className="right">
                  {one.digest !== object.spec.digest && <ActionButtons object={one} actions={actions} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const SORTED = 'Task';

function columnsFor(object: PackageObject): readonly DataColumn<TaskObject>[] {
  const numbers = new Map(object.status?.versions?.map(({ digest, version }) => [digest, version]));
  const actions = [switchTask(object)];
  return [
    {
      name: 'Task',
      field: 'metadata.name',
      cell: ({ metadata }) => (
        <Link className="main-link" href={`/tasks/${metadata.namespace}/${metadata.name}`}>
          {metadata.name}
        </Link>
      ),
    },
    {
      name: 'Version',
      cell: ({ spec }) => {
        const digest = spec.run.package?.digest ?? '';
        const number = numbers.get(digest);
        return number === undefined ? <code>{shortDigest(digest)}</code> : <span className="number">{number}</span>;
      },
    },
    {
      name: 'Next run',
      field: 'status.nextTime',
      cell: ({ status }) => <Moment time={status?.nextTime} ahead />,
      wide: true,
    },
    { name: 'Actions', right: true, cell: (task) => <ActionButtons object={task} actions={actions} /> },
  ];
}

function Users({ object }: { readonly object: PackageObject }) {
  const { name, namespace } = object.metadata;
  const columns = columnsFor(object);
  const sortBy = useSortField(columns, SORTED);
  const page = usePage('tasks', { namespace, fieldSelector: `spec.run.package.name=${name}`, sortBy });
  return (
    <section aria-label="Used by">
      <h2 className="section-head">
        Used by
        {page.total !== undefined && page.total > 0 && (
          <span className="count">
            {' '}
            {page.total.toLocaleString('en')} {page.total === 1 ? 'task' : 'tasks'}
          </span>
        )}
      </h2>
      {page.phase === 'loading' && !page.waiting ? (
        <Loading lines={3} />
      ) : page.items.length === 0 ? (
        <p className="muted">
          No task uses it. One does that names it in its manifest: <code>{`run: {package: {name: ${name}}, …}`}</code>
        </p>
      ) : (
        <PagedTable
          caption="Tasks that use it"
          columns={columns}
          page={page}
          keyOf={({ metadata }) => metadata.uid}
          sorted={SORTED}
        />
      )}
    </section>
  );
}
