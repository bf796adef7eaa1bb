import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { formatBytes } from '../../../base/index.js';
import { currentVersion } from '../../../manifests/index.js';
import type { PackageObject } from '../api/objects.js';
import { type DataColumn, DataTable } from '../parts/data-table.js';
import { ClearFilters, SearchField, useParameter } from '../parts/filters.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { UploadDialog } from '../parts/upload-dialog.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';
import { useRights } from '../state/use-rights.js';

const timeOf = (object: PackageObject): number => Date.parse(currentVersion(object)?.currentTime ?? '1970-01-01');

const columns: readonly DataColumn<PackageObject>[] = [
  {
    name: 'Package',
    by: ({ metadata }) => `${metadata.name} ${metadata.namespace}`,
    cell: ({ metadata }) => (
      <>
        <Link className="main-link" href={`/packages/${metadata.namespace}/${metadata.name}`}>
          {metadata.name}
        </Link>
        <small>{metadata.namespace}</small>
      </>
    ),
  },
  { name: 'Description', cell: ({ spec }) => <Description words={spec.description} /> },
  {
    name: 'Version',
    right: true,
    half: true,
    by: (object) => currentVersion(object)?.version ?? 0,
    cell: (object) => <span className="number">{currentVersion(object)?.version ?? '–'}</span>,
  },
  {
    name: 'Size',
    right: true,
    half: true,
    by: (object) => currentVersion(object)?.bytes ?? 0,
    cell: (object) => <span className="number">{formatBytes(currentVersion(object)?.bytes ?? 0)}</span>,
  },
  { name: 'Current since', by: timeOf, cell: (object) => <Moment time={currentVersion(object)?.currentTime} /> },
  { name: 'By', cell: (object) => currentVersion(object)?.author || '–', wide: true },
];

function Description({ words }: { readonly words: string | undefined }) {
  if (words === undefined) return <span className="faint none">–</span>;
  return (
    <span className="clamped breaks-words" title={words}>
      {words}
    </span>
  );
}

export function PackagesPage() {
  const { namespace } = useNamespace();
  const [, go] = useLocation();
  const [search] = useParameter('q');
  const [uploading, setUploading] = useState(false);
  const may = useRights();
  const packages = useLive('packages', { namespace });
  const found = packages.items.filter(({ metadata }) => metadata.name.includes(search.toLowerCase()));
  return (
    <>
      <PageHead title="Packages" beside={<span className="count">{found.length.toLocaleString('en')}</span>}>
        <PermittedButton
          className="button primary"
          permission={may({ verb: 'upload', plural: 'packages', namespace })}
          onPress={() => setUploading(true)}
        >
          Upload
        </PermittedButton>
      </PageHead>
      <search className="filters">
        <SearchField label="Search by name" />
      </search>
      <LiveNote live={packages} what="packages" />
      {packages.phase === 'loading' ? (
        <Loading lines={3} />
      ) : found.length === 0 ? (
        <Empty live={packages} title={search === '' ? 'No packages yet' : 'No package is like that'}>
          {search === '' ? <p>A package brings the files that tasks run to every agent.</p> : <ClearFilters />}
        </Empty>
      ) : (
        <DataTable
          caption="Packages"
          columns={columns}
          items={found}
          keyOf={({ metadata }) => metadata.uid}
          sorted="Package"
        />
      )}
      {uploading && (
        <UploadDialog
          namespace={namespace}
          onClose={() => setUploading(false)}
          onDone={(made) => go(`/packages/${made.namespace}/${made.name}`)}
        />
      )}
    </>
  );
}
