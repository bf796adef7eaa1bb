import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';

interface PageHeadProps {
  readonly title: string;
  /** Where the page belongs to: name and path. */
  readonly above?: { readonly name: string; readonly path: string };
  readonly beside?: ReactNode;
  readonly children?: ReactNode;
}

/** Heading of a page, what stands beside it, and its actions on the right. */
export function PageHead({ title, above, beside, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · CloudTask`;
  }, [title]);
  return (
    <header className="page-head">
      <div>
        {above !== undefined && (
          <p className="above">
            <Link href={above.path}>{above.name}</Link>
          </p>
        )}
        <h1>{title}</h1>
        {beside}
      </div>
      <div className="page-actions">{children}</div>
    </header>
  );
}
