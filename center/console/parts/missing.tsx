// In the place of an object that nobody can show: it is not there, may not be seen, or the center does not answer.
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Live } from '../state/use-live.js';
import { Empty, LiveNote } from './notes.js';
import { PageHead } from './page-head.js';

interface MissingProps {
  /** The list in which it would be. */
  readonly live: Live<unknown>;
  /** In the singular, as people call it. */
  readonly kind: string;
  readonly name: string;
  /** Absent for what is in none. */
  readonly namespace?: string;
  /** Where the others are: name and path. */
  readonly above: { readonly name: string; readonly path: string };
  readonly children?: ReactNode;
}

export function Missing({ live, kind, name, namespace, above, children }: MissingProps) {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  return (
    <>
      <PageHead title={name} above={above} />
      <LiveNote live={{ ...live, cut: false }} what={`${kind}s`} />
      <Empty live={live} title={`There is no ${kind} ${name}${where}`}>
        {children}
        <p>
          <Link href={above.path}>See all {kind}s</Link>
        </p>
      </Empty>
    </>
  );
}
