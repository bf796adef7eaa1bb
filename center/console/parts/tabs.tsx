import { useLayoutEffect, useRef } from 'react';
import { Link } from 'wouter';

interface TabsProps {
  /** Names the group for screen readers. */
  readonly label: string;
  readonly tabs: readonly { readonly name: string; readonly path: string; readonly current: boolean }[];
}

/** Parts of one page, each with an address of its own. */
export function Tabs({ label, tabs }: TabsProps) {
  const nav = useRef<HTMLElement>(null);
  const current = tabs.find((tab) => tab.current)?.path;
  // Where not all of them fit, the present one is to be seen.
  useLayoutEffect(() => {
    const [box, tab] = [nav.current, nav.current?.querySelector<HTMLElement>('[aria-current]')];
    if (current === undefined || !box || !tab) return;
    box.scrollLeft = tab.offsetLeft - box.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return (
    <nav ref={nav} className="tabs" aria-label={label}>
      {tabs.map(({ name, path, current }) => (
        <Link key={name} href={path} className="tab" aria-current={current ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
