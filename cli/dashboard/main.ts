// The dashboard on a terminal: one life per context, until the user quits.
import type { Api } from '../client/api.js';
import { connect as connectApi } from '../client/connect.js';
import { createDeps } from '../create-deps.js';
import type { CliDeps } from '../deps.js';
import { Center } from './actions/center.js';
import type { ContextFacts } from './actions/contexts.js';
import { createActions } from './actions/create-actions.js';
import { attach } from './attach.js';
import type { SkinName } from './components/skins.js';
import { Dashboard } from './dashboard.js';
import { identify } from './identify.js';
import { firstNamespace, openFirst, openMemory } from './reopen.js';
import { NO_SETTINGS, type UiSettings } from './settings/settings.js';
import { Changes } from './state/changes.js';
import { ObjectStore } from './state/object-store.js';
import type { TerminalSession } from './terminal/session.js';

export interface DashboardOptions {
  readonly readOnly: boolean;
  /** First view, as in command mode. */
  readonly command?: string;
  readonly mouse?: boolean;
  readonly allNamespaces?: boolean;
  readonly skin?: SkinName;
  readonly settings?: UiSettings;
  /** Lines instead of a screen. */
  readonly plain?: boolean;
}

/** Resolves with the exit code once the user quits. Throws when there is no center at the beginning. */
export async function runDashboard(
  deps: CliDeps,
  session: TerminalSession,
  options: DashboardOptions,
): Promise<number> {
  let next = await oneContext(deps, session, options);
  while (next !== undefined) {
    const { server: _server, namespace: _namespace, token: _token, user: _user, ...globals } = deps.globals;
    const others = createDeps(deps.host);
    others.globals = { ...globals, context: next };
    // An interrupt is told to the first of them.
    const end = () => others.close();
    deps.signal.addEventListener('abort', end, { once: true });
    try {
      next = await oneContext(others, session, { ...options, command: undefined });
    } finally {
      deps.signal.removeEventListener('abort', end);
      others.close();
    }
  }
  return 0;
}

/** Resolves with the context to go on with; undefined when the user quits. */
async function oneContext(
  deps: CliDeps,
  session: TerminalSession,
  options: Omit<DashboardOptions, 'command'> & { readonly command?: string | undefined },
): Promise<string | undefined> {
  const settings = await deps.settings();
  const changes = new Changes(deps.clock);
  const connect = async (signal: AbortSignal): Promise<Api> =>
    connectApi(settings, deps.host, AbortSignal.any([deps.signal, signal]), IGNORE, IGNORE);
  const [resources, identified] = await Promise.all([deps.discovery().then((one) => one.resources()), identify(deps)]);
  const source = new ObjectStore({ clock: deps.clock, connect, onChange: () => changes.soon() });
  const { promise, resolve } = deferred<string | undefined>();
  const { settings: own = NO_SETTINGS } = options;
  const memory = openMemory(deps, settings, session.log);
  const contexts = settings.config.contexts.map(
    ({ name, value }): ContextFacts => ({
      ...{ name, server: value.server ?? '', namespace: value.namespace ?? 'default' },
      current: name === settings.context?.name,
      ...{ readOnly: value.readOnly === true, protected: value.protected === true },
    }),
  );
  const context = settings.config.contexts.find(({ name }) => name === settings.context?.name);
  const dashboard = new Dashboard({
    ...{ clock: deps.clock, changes, source, resources, ...identified, log: session.log },
    readOnly: options.readOnly || own.readOnly === true || context?.value.readOnly === true,
    ...{ memory, settings: own, namespace: options.allNamespaces ? undefined : firstNamespace(deps, settings, memory) },
    actions: createActions({ center: new Center(deps), session, connect, contexts, switchContext: resolve }),
    quit: () => resolve(undefined),
  });
  openFirst(dashboard, options.command, memory);
  const stop = attach(dashboard, session, options.skin ?? own.skin);
  const flush = () => memory.flush();
  process.once('exit', flush); // signals end the process without coming back here
  deps.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  try {
    return await promise;
  } finally {
    stop();
    memory.flush();
    process.off('exit', flush);
  }
}

const IGNORE = () => undefined;

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
