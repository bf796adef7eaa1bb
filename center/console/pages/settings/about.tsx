import { useQuery } from '@tanstack/react-query';
import { request } from '../../api/request.js';
import { ErrorNote } from '../../parts/notes.js';

interface Version {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly leader?: string;
}

declare const __CTASK_VERSION__: string;

/** Which program this is: page and center may differ while a center is upgraded. */
export function About() {
  const version = useQuery({ queryKey: ['version'], queryFn: () => request<Version>('/version') });
  const { version: center, platform, leader } = version.data ?? {};
  return (
    <section className="card wide" aria-label="About">
      <header className="card-head">
        <h2>About CloudTask</h2>
        <a href="/console/licences.txt" target="_blank" rel="noreferrer">
          Licences of its parts
        </a>
      </header>
      {version.error !== null && <ErrorNote error={version.error} />}
      <dl className="facts">
        <div>
          <dt>Center</dt>
          <dd>
            {center ?? '…'} {platform !== undefined && <span className="muted">on {platform}</span>}
          </dd>
        </div>
        <div>
          <dt>Console</dt>
          <dd>
            {__CTASK_VERSION__}
            {center !== undefined && center !== __CTASK_VERSION__ && (
              <span className="state warn"> is not that of the center: load the page again</span>
            )}
          </dd>
        </div>
        <div>
          <dt>Leading center</dt>
          <dd>{leader ?? 'none at the moment'}</dd>
        </div>
        <div>
          <dt>Address</dt>
          <dd>{location.origin}</dd>
        </div>
      </dl>
    </section>
  );
}
