// A run on demand, perhaps with parameters, arguments and variables of its own; then its log (T-27).
import type { Run, TaskSpec } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { UNATTENDED } from '../../commands/runs/attend-run.js';
import { type RunOptions, runRun } from '../../commands/runs/run.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import { parseEnvironment } from '../../resources/environment.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { Center, Connect } from './center.js';
import { each, keepMarked } from './each.js';
import { logScreen } from './logs.js';
import { parameterForm } from './parameter-form.js';
import { listed, objectWords, splitWords } from './words.js';

export const trigger =
  (center: Center, connect: Connect) =>
  (dashboard: Dashboard, screen: TableScreen): void => {
    const { targets } = screen;
    if (targets.length === 0) return;
    const args = { label: 'Arguments', value: '', hint: '--full' };
    const env = { label: 'Variables', value: '', hint: 'NAME=value' };
    const words = objectWords('tasks', targets);
    const [only] = targets;
    // Several tasks have parameters of their own each: those have their defaults.
    const form = parameterForm(targets.length === 1 ? declaredBy(only) : []);
    const defaults = targets.length > 1 && targets.some((task) => declaredBy(task).length > 0);
    dashboard.ask({
      title: 'Trigger',
      lines: [
        [{ text: 'Run ' }, { text: safeCell(words), bold: true }, { text: ' now.' }],
        [
          {
            text: `${form.fields.length === 0 ? 'Arguments and variables are' : 'What is here is'} for this run only.`,
            meaning: 'dim',
          },
        ],
        ...(defaults ? [[{ text: 'Parameters have their defaults.', meaning: 'dim' } as const]] : []),
      ],
      ...(targets.length === 1 ? {} : { list: listed(targets) }),
      fields: [...form.fields, args, env],
      ...(form.fields.length === 0 ? {} : { note: form.note, refusal: form.problem, focus: form.needed }),
      confirm: 'Run',
      onConfirm: () =>
        dashboard.run(async () => {
          const open = dashboard.opener();
          const given = {
            ...{ args: splitWords(args.value), env: parseEnvironment(splitWords(env.value)) },
            parameters: form.given(),
          };
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

function declaredBy(task: ApiObject | undefined): NonNullable<TaskSpec['parameters']> {
  return (task?.spec as TaskSpec | undefined)?.parameters ?? [];
}

async function begin(
  center: Center,
  { metadata }: ApiObject,
  given: Pick<RunOptions, 'args' | 'env' | 'parameters'>,
): Promise<Run> {
  const { out } = await center.capture(metadata.namespace, (deps) =>
    runRun({ ...UNATTENDED, ...given, task: metadata.name, output: 'name' }, deps),
  );
  const name = out.trim().split('/').at(-1) ?? '';
  return (await center.deps.api()).get<Run>(resourcePath('runs', metadata.namespace, name));
}
