import { Link } from 'wouter';

interface TabsProps {
  /** Names the group for screen readers. */
  readonly label: string;
  readonly tabs: readonly { readonly name: string; readonly path: string; readonly current: boolean }[];
}

/** Parts of one page, each with an address of its own. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ name, path, current }) => (
        <Link key={name} href={path} className="tab" aria-current={current ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
