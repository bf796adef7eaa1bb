// ctask wait: until objects are as asked, and no longer than that. Driven by watches, so that what comes and goes quickly is seen.
import type { Command } from 'commander';
import { parseDuration } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { parseTargets, type Target, usage } from '../../resources/target.js';
import { collect } from '../apply.js';
import { addFilename, type FileFlags, targetsOfFiles } from '../filename-option.js';
import { awaitAll, resolveGroups, type WaitOptions } from './await-objects.js';
import { parseWish } from './wishes.js';

interface WaitFlags extends FileFlags, Pick<WaitOptions, 'all' | 'allNamespaces' | 'selector'> {
  for: string[];
  timeout: string;
}

/** What a timeout below zero means, as in kubectl. */
const WEEK_MS = 7 * 86_400_000;

export function defineWait(program: Command, deps: CliDeps, run = runWait): void {
  const command = program
    .command('wait')
    .description('Wait until objects are as asked')
    .argument('[resource...]', 'TYPE NAME…, TYPE/NAME …, or TYPE with -l or --all')
    .option(
      '--for <what>',
      'condition=NAME[=VALUE], jsonpath={PATH}[=VALUE], create, delete, complete, succeeded or next-run; repeated: all of them',
      collect,
      [],
    )
    .option('--timeout <duration>', 'longest wait; 0 looks once, below 0 is a week', '30s')
    .option('-l, --selector <labels>', 'objects that have these labels now')
    .option('--all', 'all objects of the type that are there now', false)
    .option('-A, --all-namespaces', 'objects of all namespaces', false);
  addExamples(addFilename(command), [
    { say: 'Until an agent has the task', run: 'ctask wait task/hello --for=condition=Ready --timeout=10s' },
    { say: 'Until a run has ended; 1 when it did not succeed', run: 'ctask wait run/hello-4bx8kq2m7d --for=succeeded' },
    { say: 'Until the next run of a task has begun', run: 'ctask wait task/hello --for=next-run --timeout=10m' },
    {
      say: 'Until a field has a value',
      run: "ctask wait task/hello --for=jsonpath='{.status.state}'=Active",
    },
  ]).action((words: string[], flags: WaitFlags) => run(words, waitOptions(flags), deps));
}

function waitOptions({ for: texts, timeout, ...flags }: WaitFlags): WaitOptions {
  if (texts.length === 0)
    throw usage('must specify --for', 'e.g. --for=condition=Ready, --for=delete or --for=complete');
  if (flags.all && flags.selector !== undefined) throw usage('--all and --selector exclude each other');
  const wishes = texts.map(parseWish);
  const gone = wishes.some(({ wants }) => wants === 'absence');
  if (gone && wishes.length > 1) throw usage('--for=delete goes with no other --for: what is gone is nothing else');
  return { ...flags, wishes, timeoutMs: parseTimeout(timeout) };
}

function parseTimeout(text: string): number {
  if (/^-(\d+|.*[a-z])$/.test(text)) return WEEK_MS;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined) throw usage(`--timeout "${text}" is not a duration such as 30s`);
  return ms;
}

export async function runWait(words: readonly string[], options: WaitOptions, deps: CliDeps): Promise<void> {
  const targets = await targetsOf(words, options, deps);
  await awaitAll(await resolveGroups(targets, options, deps), options, deps);
}

async function targetsOf(words: readonly string[], options: WaitOptions, deps: CliDeps): Promise<Target[]> {
  const targets =
    options.filename.length > 0
      ? await targetsOfFiles(words, options, 'nothing was waited for', deps)
      : await parseTargets(words, await deps.discovery());
  const selecting = options.all || options.selector !== undefined;
  for (const { names, resource } of targets) {
    if (names !== undefined && selecting) throw usage('a name cannot be given together with --all or a selector');
    if (names === undefined && !selecting) throw usage(`name ${resource.name}, or give -l or --all`);
    if (names !== undefined && options.allNamespaces && resource.namespaced)
      throw usage('a resource cannot be retrieved by name across all namespaces');
  }
  return targets;
}
