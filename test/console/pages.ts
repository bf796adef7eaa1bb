// Every page of the console, for what is asked of all of them: pictures, accessibility.
import type { Run } from '../../manifests/index.js';
import type { Visitor } from './browser.js';

export interface ConsolePage {
  readonly name: string;
  readonly path: string;
}

interface PageObjects {
  /** `namespace/name` of a task. */
  readonly task: string;
  readonly failed: Run;
  readonly running: Run;
  readonly agent: string;
  readonly cluster?: string;
  /** `namespace/name` of a package, where there is one. */
  readonly aPackage?: string;
  /** `namespace/name` of a notifier, where there is one. */
  readonly notifier?: string;
}

const pathOf = ({ metadata }: Run): string => `/runs/${metadata.namespace}/${metadata.name}`;

/** Pages for who is signed in, where there are a user ann, a group finance and a service account deploy. */
export function pagesOf({
  task,
  failed,
  running,
  agent,
  cluster = 'default',
  aPackage,
  notifier,
}: PageObjects): readonly ConsolePage[] {
  return [
    { name: 'overview', path: '/' },
    { name: 'tasks', path: '/tasks' },
    { name: 'task', path: `/tasks/${task}` },
    { name: 'task-runs', path: `/tasks/${task}/runs` },
    { name: 'task-manifest', path: `/tasks/${task}/manifest` },
    { name: 'task-revisions', path: `/tasks/${task}/revisions` },
    { name: 'task-notifications', path: `/tasks/${task}/notifications` },
    { name: 'task-events', path: `/tasks/${task}/events` },
    { name: 'new-task', path: '/new' },
    { name: 'runs', path: '/runs' },
    { name: 'run', path: pathOf(failed) },
    { name: 'run-live', path: pathOf(running) },
    { name: 'agents', path: '/agents' },
    { name: 'agent', path: `/agents/${agent}` },
    { name: 'clusters', path: '/clusters' },
    { name: 'cluster', path: `/clusters/${cluster}` },
    { name: 'packages', path: '/packages' },
    ...(aPackage === undefined ? [] : [{ name: 'package', path: `/packages/${aPackage}` }]),
    { name: 'notifiers', path: '/notifiers' },
    ...(notifier === undefined
      ? []
      : [
          { name: 'notifier', path: `/notifiers/${notifier}` },
          { name: 'notifier-manifest', path: `/notifiers/${notifier}/manifest` },
        ]),
    { name: 'new-notifier', path: '/new-notifier' },
    { name: 'events', path: '/events' },
    { name: 'access-users', path: '/access' },
    { name: 'access-user', path: '/access/users/ann' },
    { name: 'access-groups', path: '/access/groups' },
    { name: 'access-service-accounts', path: '/access/serviceaccounts' },
    { name: 'access-group', path: '/access/groups/finance' },
    { name: 'access-service-account', path: '/access/serviceaccounts/deploy' },
    { name: 'access-roles', path: '/access/roles' },
    { name: 'access-role', path: '/access/roles/editor' },
    { name: 'access-bindings', path: '/access/bindings' },
    { name: 'access-tokens', path: '/access/tokens' },
    { name: 'audit', path: '/audit' },
    { name: 'settings', path: '/settings' },
  ];
}

/** Opens a page and waits until it says what it has to say. */
export async function openPage({ page, go }: Visitor, path: string): Promise<void> {
  await go(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForSelector('.loading', { state: 'detached' });
}
