// ctask doctor: whether everything is as it should be, from here to the agents, and what to do where it is not.
import type { Command } from 'commander';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { wantsColour } from '../../output/colour.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { escapeControls } from '../../output/terminal-safety.js';
import { type Check, some, type Verdict } from './check.js';
import { type Examination, examine } from './examine.js';
import { asksHere, examineHere, type Places } from './here.js';

export interface DoctorFlags extends Places {
  readonly output?: string;
  readonly quiet?: boolean;
}

const HELP = `
Each check says ok, warn, fail, or unknown: the last one could not be found out, and says why. Nothing is changed
anywhere. It works without a center, and then says how far one gets. With --zookeeper or --store no center is asked:
this program looks at them itself, with the rights of whoever runs it.

Exit codes:
  0  nothing fails; there may be warnings, and what is unknown
  1  something fails
`;

export function defineDoctor(program: Command, deps: CliDeps, run = runDoctor): void {
  const command = program
    .command('doctor')
    .description('Check everything from here to the agents, and say what to do')
    .option('-q, --quiet', 'only what is not ok', false)
    .option('-o, --output <format>', 'json or yaml')
    .option('--zookeeper <servers>', 'look at ZooKeeper from here: host:port,host:port/chroot, as a center is told')
    .option('--root <path>', 'with --zookeeper: znode under which everything is kept (default "/cloudtask")')
    .option(
      '--coordination-secret-file <file>',
      'with --zookeeper: secret that keeps it closed to others; that beside a SQLite store unless given',
    )
    .option('--store <place>', 'look at the store from here: postgres://…, or a SQLite store or its directory')
    .option('--store-password-file <file>', 'with --store: file with the password of the database');
  addExamples(command, [
    { say: 'Of the current context', run: 'ctask doctor' },
    { say: 'Only what needs a look', run: 'ctask doctor -q' },
    { say: 'For a program', run: 'ctask doctor -o json' },
    {
      say: 'No center answers: what is the matter with ZooKeeper and the store?',
      run: 'ctask doctor --zookeeper 127.0.0.1:2181 --store /var/lib/ctask/center',
    },
  ])
    .addHelpText('after', HELP)
    .action((flags: DoctorFlags) => run(flags, deps));
}

export async function runDoctor(flags: DoctorFlags, deps: CliDeps): Promise<void> {
  const { output, quiet = false } = flags;
  const format = checkFormat(output, ['json', 'yaml']);
  const examination = await (asksHere(flags) ? examineHere(flags, deps) : examine(deps));
  if (examination.summary.fail > 0) deps.setExit(1);
  if (format !== undefined) {
    const { centers: _, checks, ...rest } = examination;
    const shown = quiet ? checks.filter(({ verdict }) => verdict !== 'ok') : checks;
    return deps.out(await renderObject({ ...rest, checks: shown }, format));
  }
  const { host, globals } = deps;
  await deps.out(examinationText(examination, quiet, wantsColour(host.stdout, host.env, globals.color)));
}

const COLOURS: Readonly<Record<Verdict, number>> = { ok: 32, warn: 33, fail: 31, unknown: 36 };
const WORD_WIDTH = 7;

/** Groups with their checks; below those that are not ok, what to do. */
export function examinationText({ checks, summary }: Examination, quiet: boolean, colour = false): string {
  const shown = quiet ? checks.filter(({ verdict }) => verdict !== 'ok') : checks;
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const word = (verdict: Verdict) => {
    const padded = verdict.padEnd(WORD_WIDTH);
    return colour ? `\u001b[${COLOURS[verdict]}m${padded}\u001b[0m` : padded;
  };
  const linesOf = ({ name, verdict, message, todo }: Check) => [
    `  ${word(verdict)}  ${name.padEnd(width)}  ${oneLine(message)}`,
    ...(todo === undefined || verdict === 'ok' ? [] : [`${' '.repeat(WORD_WIDTH + width + 6)}→ ${oneLine(todo)}`]),
  ];
  const groups = [...new Set(shown.map(({ group }) => group))];
  const lines = groups.flatMap((group) => [
    group,
    ...shown.filter((check) => check.group === group).flatMap(linesOf),
    '',
  ]);
  const { ok, warn, fail, unknown } = summary;
  return `${[...lines, `${ok} ok, ${some(warn, 'warning')}, ${some(fail, 'failure')}, ${unknown} unknown`].join('\n')}\n`;
}

/** What others have written stays on its line, and moves no cursor. */
const oneLine = (text: string) => escapeControls(text.replace(/\s*\n\s*/g, ' '));
