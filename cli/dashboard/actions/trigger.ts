// A run on demand, perhaps with arguments and variables of its own; then its log (T-27).
import type { Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { runRun } from '../../commands/runs/run.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import { parseEnvironment } from '../../resources/environment.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { Center, Connect } from './center.js';
import { each, keepMarked } from './each.js';
import { logScreen } from './logs.js';
import { listed, objectWords, splitWords } from './words.js';

const PLAIN = { follow: false, wait: false, propagateExitCode: false, cancelOnInterrupt: false, raw: false } as const;

export const trigger =
  (center: Center, connect: Connect) =>
  (dashboard: Dashboard, screen: TableScreen): void => {
    const { targets } = screen;
    if (targets.length === 0) return;
    const args = { label: 'Arguments', value: '', hint: '--full' };
    const env = { label: 'Variables', value: '', hint: 'NAME=value' };
    const words = objectWords('tasks', targets);
    dashboard.ask({
      title: 'Trigger',
      lines: [
        [{ text: 'Run ' }, { text: safeCell(words), bold: true }, { text: ' now.' }],
        [{ text: 'Arguments and variables are for this run only.', meaning: 'dim' }],
      ],
      ...(targets.length === 1 ? {} : { list: listed(targets) }),
      fields: [args, env],
      confirm: 'Run',
      onConfirm: () =>
        dashboard.run(async () => {
          const open = dashboard.opener();
          const given = { args: splitWords(args.value), env: parseEnvironment(splitWords(env.value)) };
          let run: Run | undefined;
          const failed = await each(dashboard, targets, { doing: 'triggering', done: 'triggered' }, async (task) => {
            run = await begin(center, task, given);
            return `${words} triggered`;
          });
          keepMarked(screen, failed);
          if (targets.length === 1 && run !== undefined) open(logScreen(dashboard, center, connect, { run }));
        }),
    });
  };

async function begin(
  center: Center,
  { metadata }: ApiObject,
  given: { args: readonly string[]; env: readonly { name: string; value: string }[] },
): Promise<Run> {
  const { out } = await center.capture(metadata.namespace, (deps) =>
    runRun({ ...PLAIN, ...given, task: metadata.name, output: 'name' }, deps),
  );
  const name = out.trim().split('/').at(-1) ?? '';
  return (await center.deps.api()).get<Run>(resourcePath('runs', metadata.namespace, name));
}
