// ctask rollout: the revisions of a task, the way back to one of them, and whether the latest is in force.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { taskNames } from '../../resources/target.js';
import { addErrorUnchanged } from '../error-unchanged.js';
import { isPackageWord } from '../packages/package-words.js';
import { runSuspend } from '../suspend.js';
import { addHistoryOptions, type HistoryFlags, historyOptions, runHistory } from './history.js';
import { runStatus, type StatusFlags, statusOptions } from './status.js';
import { runUndo, type UndoFlags, undoOptions } from './undo.js';

const TASK = 'NAME or task/NAME';

export function defineRollout(program: Command, deps: CliDeps): void {
  const rollout = program.command('rollout').description('Show, undo and await changes of tasks');
  addExamples(rollout, [
    { say: 'What was changed, when, and by whom', run: 'ctask rollout history task/hello' },
    { say: 'Back to what it was before', run: 'ctask rollout undo task/hello' },
  ]);
  const history = rollout.command('history').description('Show the revisions of tasks, the latest first');
  addExamples(addHistoryOptions(history), [
    { say: 'What was changed, when, and by whom', run: 'ctask rollout history task/hello' },
    { say: 'One revision, whole', run: 'ctask rollout history task/hello --revision=1 -o yaml' },
    { say: 'The versions of a package', run: 'ctask rollout history package/tool' },
  ]).action((words: string[], flags: HistoryFlags) => historyOf(words, flags, deps));
  const undo = rollout
    .command('undo')
    .description('Give tasks the specification of an earlier revision; whether they are suspended stays as it is')
    .argument('<task...>', `${TASK}; or package/NAME`)
    .option('--to-revision <n>', 'this revision; 0 for the previous one', '0')
    .option('--dry-run [mode]', 'client or server: change nothing', 'none');
  addExamples(addErrorUnchanged(undo), [
    { say: 'Back to the previous revision', run: 'ctask rollout undo task/hello' },
    { say: 'To a revision of the history', run: 'ctask rollout undo task/hello --to-revision=1' },
    { say: 'The version of a package that was current before', run: 'ctask rollout undo package/tool' },
  ]).action(async (words: string[], flags: UndoFlags) => {
    if (!isPackageWord(words[0])) return runUndo(undoOptions(words, flags), deps);
    return (await import('../packages/rollout-package.js')).undoPackage(words, flags, deps);
  });
  const status = rollout
    .command('status')
    .description('Wait until the latest revision of a task is in force; exit code 1 when it cannot be')
    .argument('<task...>', TASK)
    .option('-w, --watch [mode]', 'false: look once', 'true')
    .option('--no-watch', 'look once')
    .option('--timeout <duration>', 'longest wait; 0 for none', '0');
  addExamples(status, [
    { say: 'Wait', run: 'ctask rollout status task/hello --timeout 30s' },
    { say: 'Only look', run: 'ctask rollout status task/hello --watch=false' },
  ]).action((tasks: string[], flags: StatusFlags) => runStatus(statusOptions(tasks, flags), deps));
  defineSwitch(rollout, 'pause', 'suspend', 'The same as ctask suspend', deps);
  defineSwitch(rollout, 'resume', 'resume', 'The same as ctask resume', deps);
}

function defineSwitch(rollout: Command, name: string, verb: 'suspend' | 'resume', description: string, deps: CliDeps) {
  const command = rollout.command(name).description(description).argument('<task...>', TASK);
  addExamples(command, [
    { say: 'One task', run: `ctask rollout ${name} task/hello` },
    { say: 'Several', run: `ctask rollout ${name} task/hello task/nightly-report` },
  ]).action((tasks: string[]) => runSuspend({ verb, tasks: taskNames(tasks) }, deps));
}

/** ctask history: for those who look for it there. */
export function defineHistory(program: Command, deps: CliDeps): void {
  const command = program.command('history').description('Show the revisions of tasks, the latest first');
  addExamples(addHistoryOptions(command), [
    { say: 'What was changed, when, and by whom', run: 'ctask history task/hello' },
    { say: 'One revision, whole', run: 'ctask history hello --revision=1 -o yaml' },
  ]).action((words: string[], flags: HistoryFlags) => historyOf(words, flags, deps));
}

async function historyOf(words: readonly string[], flags: HistoryFlags, deps: CliDeps): Promise<void> {
  if (!isPackageWord(words[0])) return runHistory(historyOptions(words, flags), deps);
  return (await import('../packages/rollout-package.js')).packageHistory(words, flags, deps);
}
