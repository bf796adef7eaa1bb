// What changes something: through the commands of the same names, so that the same rules hold.
import { messageOf } from '../../../base/index.js';
import { type Agent, agentCordoned, isFinal, isSuspended, type Run, type Task } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { runCordon } from '../../commands/agents/cordon.js';
import { runEdit } from '../../commands/change/edit.js';
import { type DeleteOptions, runDelete } from '../../commands/delete.js';
import { UNATTENDED } from '../../commands/runs/attend-run.js';
import { runCancel } from '../../commands/runs/cancel.js';
import { runRetry } from '../../commands/runs/retry.js';
import { runSuspend } from '../../commands/suspend.js';
import type { CliDeps } from '../../deps.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { TerminalSession } from '../terminal/session.js';
import type { Span } from '../text/line.js';
import type { Center } from './center.js';
import { each, keepMarked } from './each.js';
import { countWords, listed, objectWords, plainWords } from './words.js';

/** What the command says last. */
const saying =
  (center: Center, command: (object: ApiObject, deps: CliDeps) => Promise<void>) =>
  async (object: ApiObject): Promise<string> => {
    const { out, said } = await center.capture(object.metadata.namespace, (deps) => command(object, deps));
    return [out.trim(), ...said].filter((line) => line !== '').at(-1) ?? '';
  };

/** One object at once, since the key takes it back as easily; several only when their names were seen (T-11). */
function orAsk(
  dashboard: Dashboard,
  objects: readonly ApiObject[],
  { title, question }: { readonly title: string; readonly question: string },
  work: () => Promise<unknown>,
): Promise<void> | void {
  const run = async () => {
    await work();
  };
  if (objects.length === 0) return undefined;
  if (objects.length === 1) return run();
  dashboard.ask({
    ...{ title, lines: [[{ text: question }]], list: listed(objects), confirm: title },
    onConfirm: () => dashboard.run(run),
  });
  return undefined;
}

/** Read from the object, never from a cell (T-28). Of several, all become what the first one is not. */
export const suspend =
  (center: Center) =>
  (dashboard: Dashboard, { targets }: TableScreen): Promise<void> | void => {
    const first = targets[0] as unknown as Task | undefined;
    const verb = first !== undefined && isSuspended(first.spec, dashboard.now()) ? 'resume' : 'suspend';
    const words = objectWords('tasks', targets);
    const asked =
      verb === 'suspend'
        ? { title: 'Suspend', question: `Suspend ${words}? What runs, runs on.` }
        : { title: 'Resume', question: `Resume ${words}?` };
    const act = saying(center, ({ metadata }, deps) => runSuspend({ verb, tasks: [metadata.name] }, deps));
    return orAsk(dashboard, targets, asked, () =>
      each(dashboard, targets, verb === 'resume' ? RESUMING : SUSPENDING, act),
    );
  };

const SUSPENDING = { doing: 'suspending', done: 'suspended' };
const RESUMING = { doing: 'resuming', done: 'resumed' };

export const retry =
  (center: Center) =>
  (dashboard: Dashboard, { targets }: TableScreen): Promise<void> | void => {
    const act = saying(center, ({ metadata }, deps) =>
      runRetry({ ...UNATTENDED, runs: [metadata.name], currentRevision: false }, deps),
    );
    const asked = { title: 'Retry', question: `Retry ${objectWords('runs', targets)}?` };
    return orAsk(dashboard, targets, asked, () =>
      each(dashboard, targets, { doing: 'retrying', done: 'retried' }, act),
    );
  };

export const cancel =
  (center: Center) =>
  (dashboard: Dashboard, screen: TableScreen): void => {
    const { targets } = screen;
    const open = targets.filter((object) => !isFinal((object as unknown as Run).status?.state ?? 'Pending'));
    if (targets.length === 0) return;
    if (open.length === 0) {
      const words = targets.length === 1 ? 'it has' : 'they have';
      dashboard.say(`${words} ended: there is nothing to cancel`, 'warn');
      return;
    }
    const ended = targets.length - open.length;
    const one = open.length === 1;
    dashboard.askDangerous({
      title: 'Cancel',
      lines: [
        [
          {
            text: `End ${one ? 'this run' : `${countWords(open.length)} runs`}: SIGTERM, and SIGKILL after the grace period.`,
          },
        ],
        ...(ended === 0
          ? []
          : [[{ text: `${countWords(ended)} of those marked ended already.`, meaning: 'dim' as const }]]),
      ],
      list: listed(open),
      // "Cancel" would be either of the two here.
      ...{
        decline: one ? 'Let it run' : 'Let them run',
        confirm: one ? 'Cancel the run' : `Cancel ${countWords(open.length)} runs`,
      },
      onConfirm: () =>
        dashboard.run(async () => {
          const act = saying(center, ({ metadata }, deps) => runCancel({ runs: [metadata.name] }, deps));
          await each(dashboard, open, { doing: 'cancelling', done: 'asked to end' }, act);
        }),
    });
  };

export const cordon =
  (center: Center) =>
  (dashboard: Dashboard, { targets }: TableScreen): Promise<void> | void => {
    const first = targets[0] as unknown as Agent | undefined;
    const verb = first !== undefined && agentCordoned(first) ? 'uncordon' : 'cordon';
    const words = objectWords('agents', targets);
    const asked =
      verb === 'cordon'
        ? { title: 'Cordon', question: `Cordon ${words}? They get no further tasks and keep those they have.` }
        : { title: 'Uncordon', question: `Uncordon ${words}?` };
    const act = saying(center, ({ metadata }, deps) => runCordon({ verb, agents: [metadata.name] }, deps));
    return orAsk(dashboard, targets, asked, () =>
      each(dashboard, targets, { doing: `${verb}ing`, done: `${verb}ed` }, act),
    );
  };

/** The center does it, and STATUS tells how far it is: nobody waits here. */
export const drain =
  (center: Center) =>
  (dashboard: Dashboard, { targets }: TableScreen): void => {
    if (targets.length === 0) return;
    const words = objectWords('agents', targets);
    const runs = { label: 'Runs', options: ['wait', 'cancel after 5m', 'cancel now'], chosen: 0 };
    dashboard.askDangerous({
      title: 'Drain',
      lines: [[{ text: `Hand over the tasks of ${words}, each when its run has ended.` }], [GETS_NO_MORE]],
      ...(targets.length === 1 ? {} : { list: listed(targets) }),
      fields: [runs],
      confirm: 'Drain',
      onConfirm: () =>
        dashboard.run(async () => {
          const api = await center.deps.api();
          await each(dashboard, targets, { doing: 'asking to drain', done: 'are draining' }, async ({ metadata }) => {
            const path = resourcePath('agents', undefined, metadata.name, 'drain');
            await api.send('POST', path, { body: CANCEL_AFTER[runs.chosen] ?? {} });
            return `draining ${metadata.name}`;
          });
        }),
    });
  };

/** What the choices of the dialog ask for. */
const CANCEL_AFTER = [{}, { cancelAfter: '5m' }, { cancelAfter: '0s' }] as const;

const GETS_NO_MORE: Span = { text: 'No further ones until <u> uncordons.', meaning: 'dim' };

const CASCADES = ['background', 'foreground', 'orphan'] as const;

/** What one should know before. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  Namespace: 'Only an empty one can be deleted: its tasks go first.',
};

export const remove =
  (center: Center) =>
  (dashboard: Dashboard, screen: TableScreen): void => {
    const { resource, targets } = screen;
    if (targets.length === 0) return;
    const runs = { label: 'Runs', options: ['go too', 'cancel first', 'stay'], chosen: 0 };
    const consequence = CONSEQUENCES[resource.kind];
    dashboard.askDangerous({
      title: 'Delete',
      lines: [
        [
          {
            text: `Delete ${countWords(targets.length)} ${targets.length === 1 ? resource.singularName : resource.name}?`,
          },
        ],
        ...(consequence === undefined ? [] : [[{ text: consequence, meaning: 'warn' as const }]]),
      ],
      list: listed(targets),
      fields: resource.kind === 'Task' ? [runs] : [],
      confirm: 'Delete',
      onConfirm: () =>
        dashboard.run(async () => {
          const options = deleteOptions(CASCADES[runs.chosen] ?? 'background');
          const act = saying(center, ({ metadata }, deps) => runDelete([resource.name, metadata.name], options, deps));
          keepMarked(screen, await each(dashboard, targets, { doing: 'deleting', done: 'deleted' }, act));
        }),
    });
  };

/** The dialog has asked, and the table shows when they are gone. */
function deleteOptions(cascade: DeleteOptions['cascade']): DeleteOptions {
  return {
    ...{ filename: [], recursive: false, all: false, allNamespaces: false, ignoreNotFound: false, wait: false },
    ...{ timeoutMs: 0, interactive: false, yes: true, force: false, dryRun: 'none', cascade },
  };
}

/** The terminal is the editor's until it ends. */
export const edit =
  (center: Center, session: TerminalSession) =>
  async (dashboard: Dashboard, { resource, selected }: TableScreen): Promise<void> => {
    if (selected === undefined) return;
    const words = [resource.name, selected.metadata.name];
    let failure: unknown;
    const command = async (deps: CliDeps) => {
      await runEdit(words, {}, deps).catch((error: unknown) => {
        failure = error;
      });
    };
    const { out, said } = await session.suspend(() => center.capture(selected.metadata.namespace, command, true));
    if (failure !== undefined) {
      // What it says last is where the edited text was kept.
      dashboard.say([messageOf(failure), said.at(-1)].filter((line) => line !== undefined).join('\n'), 'error');
      return;
    }
    const answer = out.trim() === '' ? said.at(-1) : plainWords(out.trim());
    if (answer !== undefined) dashboard.say(answer);
  };
