// What surrounds every page: where one can go, which namespace is looked at, who is signed in.
import {
  Activity,
  Bell,
  Boxes,
  CalendarClock,
  Gauge,
  LogOut,
  type LucideIcon,
  Menu,
  Monitor,
  Moon,
  Package,
  ScrollText,
  Search,
  Send,
  Server,
  Settings,
  Sun,
  Users,
  X,
} from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { type SessionUser, STILL_SIGNED_IN } from '../api/session.js';
import { Logo } from '../parts/logo.js';
import { useToast } from '../parts/toasts.js';
import { useLive } from '../state/use-live.js';
import { useRights } from '../state/use-rights.js';
import { KeyListener, type Opened } from './key-listener.js';
import { COMMAND_KEY } from './keys.js';
import { useNamespace } from './namespace-scope.js';
import { chooseTheme, storedTheme, THEMES, type Theme } from './theme.js';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: LucideIcon;
  /** Where one of them is made, which has an address of its own. */
  readonly making?: string;
  /** Kinds of which the user must be allowed to see one; absent: for everybody. */
  readonly of?: readonly string[];
}

/** Who may see one of them finds it on the page. */
const ACCESS_KINDS = ['users', 'groups', 'serviceaccounts', 'roles', 'rolebindings', 'clusterrolebindings', 'tokens'];

const PLACES: readonly Place[] = [
  { path: '/', name: 'Overview', icon: Gauge },
  { path: '/tasks', name: 'Tasks', icon: CalendarClock, making: '/new', of: ['tasks'] },
  { path: '/runs', name: 'Runs', icon: Activity, of: ['runs'] },
  { path: '/agents', name: 'Agents', icon: Server, of: ['agents'] },
  { path: '/clusters', name: 'Clusters', icon: Boxes, of: ['clusters'] },
  { path: '/packages', name: 'Packages', icon: Package, of: ['packages'] },
  { path: '/notifiers', name: 'Notifiers', icon: Send, making: '/new-notifier', of: ['notifiers'] },
  { path: '/events', name: 'Events', icon: Bell, of: ['events'] },
  { path: '/access', name: 'Access', icon: Users, of: ACCESS_KINDS },
  { path: '/audit', name: 'Audit', icon: ScrollText, of: ['auditentries'] },
  { path: '/settings', name: 'Settings', icon: Settings },
];

interface ShellProps {
  readonly user: SessionUser;
  readonly onSignOut: () => Promise<void>;
  readonly children: ReactNode;
}

export function Shell({ user, onSignOut, children }: ShellProps) {
  const [location] = useLocation();
  const tell = useToast();
  const leave = () => void onSignOut().catch(() => tell({ text: STILL_SIGNED_IN, tone: 'bad' }));
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const arrived = useRef(location);
  const [opened, setOpened] = useState<Opened>();
  const may = useRights();
  const places = PLACES.filter(({ of }) => of?.some((plural) => may({ verb: 'list', plural }).allowed) ?? true);

  // A new page begins at its top, and for a screen reader with its heading.
  useEffect(() => {
    if (arrived.current === location) return;
    arrived.current = location;
    setOpen(false);
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);

  const menu = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const close = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return;
      setOpen(false);
      menu.current?.focus();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [open]);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="topbar">
        <button
          ref={menu}
          type="button"
          className="icon-button only-narrow"
          aria-label={open ? 'Close the menu' : 'Open the menu'}
          aria-expanded={open}
          aria-controls="places"
          onClick={() => setOpen(!open)}
        >
          {open ? <X aria-hidden /> : <Menu aria-hidden />}
        </button>
        <Link href="/" className="brand">
          <Logo />
        </Link>
        <NamespacePicker />
        <span className="grow" />
        <button
          type="button"
          className="button palette-button"
          aria-label="Search or do something"
          onClick={() => setOpened('palette')}
        >
          <Search aria-hidden />
          <span className="hide-narrow">Search or do</span>
          {/* Drawn, not written: words on a button that are not in its name confuse who speaks to it. */}
          <kbd className="hide-narrow" data-keys={COMMAND_KEY} aria-hidden />
        </button>
        <ThemeSwitch />
        <Link href="/settings" className="user hide-narrow" title={user.groups.join(', ')}>
          {user.name}
        </Link>
        <button type="button" className="icon-button" aria-label={`Sign out ${user.name}`} onClick={leave}>
          <LogOut aria-hidden />
        </button>
      </header>
      <nav id="places" className={open ? 'places open' : 'places'} aria-label="Places">
        {places.map((place) => (
          <Link
            key={place.path}
            href={place.path}
            className="place"
            aria-current={isAt(location, place) ? 'page' : undefined}
          >
            <place.icon aria-hidden />
            {place.name}
          </Link>
        ))}
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <KeyListener places={places} opened={opened} onOpen={setOpened} />
    </div>
  );
}

function isAt(location: string, { path, making }: Place): boolean {
  if (path === '/') return location === '/';
  return location === path || location === making || location.startsWith(`${path}/`);
}

function NamespacePicker() {
  const { namespace, choose } = useNamespace();
  const { items } = useLive('namespaces');
  const names = [...new Set([...items.map(({ metadata }) => metadata.name), ...(namespace ? [namespace] : [])])].sort();
  return (
    <label className="picker">
      <span className="visually-hidden">Namespace</span>
      <select value={namespace ?? ''} onChange={(event) => choose(event.target.value || undefined)}>
        <option value="">All namespaces</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

const THEME_ICONS: Readonly<Record<Theme, LucideIcon>> = { system: Monitor, light: Sun, dark: Moon };

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  const Icon = THEME_ICONS[theme];
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Colours: ${theme}; change to ${next}`}
      title={`Colours: ${theme}`}
      onClick={() => {
        chooseTheme(next);
        setTheme(next);
      }}
    >
      <Icon aria-hidden />
    </button>
  );
}
