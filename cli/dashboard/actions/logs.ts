// Logs of a run; of a task, of its latest run, or of the one before.
import type { Run } from '../../../manifests/index.js';
import type { LogPlace } from '../../client/log-follow.js';
import type { ApiObject } from '../../resources/api-object.js';
import { findRun, hasOutput } from '../../resources/find-run.js';
import type { Dashboard } from '../dashboard.js';
import { LogScreen } from '../navigation/log-screen.js';
import type { Center, Connect } from './center.js';
import { textTools } from './save.js';
import { askSearch } from './search-log.js';

export function logOpener(center: Center, connect: Connect) {
  return async (dashboard: Dashboard, object: ApiObject, previous: boolean): Promise<void> => {
    const open = dashboard.opener();
    const { namespace, name } = object.metadata;
    const word = `${object.kind === 'Task' ? 'task' : 'run'}/${name}`;
    let found: { run: Run; attempt?: number } | undefined;
    await center.capture(namespace, async (deps) => {
      found = await findRun(word, { follow: false, previous }, deps);
    });
    if (found === undefined) return;
    if (!hasOutput(found.run)) {
      const { reason, message, state } = found.run.status ?? {};
      dashboard.say(`run ${name} never started: ${message ?? reason ?? state}`, 'warn');
      return;
    }
    open(logScreen(dashboard, center, connect, found));
  };
}

interface ShownLog {
  readonly run: Run;
  readonly attempt?: number | undefined;
  /** Where to begin, unless at the last lines. */
  readonly from?: LogPlace;
}

export function logScreen(dashboard: Dashboard, center: Center, connect: Connect, log: ShownLog): LogScreen {
  const { run, attempt, from } = log;
  return new LogScreen({
    namespace: run.metadata.namespace ?? 'default',
    run: run.metadata.name,
    attempt,
    ...(from === undefined ? {} : { from }),
    clock: dashboard.parts.clock,
    connect,
    onChange: () => dashboard.changes.soon(),
    tools: textTools(dashboard, center, 'log', 'the log'),
    onSearch: (screen) =>
      askSearch(dashboard, connect, {
        ...{ run, attempt, text: screen.filterText },
        onOpen: ({ line, offset }) =>
          dashboard.open(logScreen(dashboard, center, connect, { ...log, from: { attempt: line.attempt, offset } })),
      }),
  });
}
