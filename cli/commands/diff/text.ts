// Differences as a unified diff, the way `kubectl diff` shows them, and as Markdown for a comment on a change request.
import type { Task } from '../../../manifests/index.js';
import { escapeControls } from '../../output/terminal-safety.js';
import { isoTime } from '../../output/times.js';
import { API_VERSION, qualifiedName } from '../../resources/words.js';
import type { Comparison, Difference } from './compare.js';

/** `cloudtask.dev.v1.Task.default.hello`, as kubectl names the files it compares. */
export function fileName({ kind, namespace, name }: Difference): string {
  return [API_VERSION.replace('/', '.'), kind, namespace ?? '', name].join('.');
}

export async function yamlOf(object: object | undefined): Promise<string> {
  if (object === undefined) return '';
  const { toYaml } = await import('../../heavy/yaml.js');
  return toYaml(object);
}

/** The whole diff as text, for patch(1) as well as for people. `colour`: for a terminal. */
export async function unifiedText({ differences }: Comparison, now: number, colour: boolean): Promise<string> {
  const parts: string[] = [];
  for (const difference of differences) {
    const name = fileName(difference);
    const hunks = await hunksOf(difference);
    const header = `diff -u -N LIVE/${name} MERGED/${name}\n--- LIVE/${name}\n+++ MERGED/${name}\n`;
    parts.push(...(await nextRunNote(difference, now)), header, hunks);
  }
  const text = escapeControls(parts.join(''));
  return colour ? coloured(text) : text;
}

async function hunksOf({ live, merged }: Difference): Promise<string> {
  const { unifiedHunks } = await import('../../heavy/diff.js');
  return unifiedHunks(await yamlOf(live), await yamlOf(merged));
}

/** What a change of the schedules comes to (P-15): when the task fires next, before and after. */
async function nextRunNote({ kind, live, merged, uid }: Difference, now: number): Promise<string[]> {
  if (kind !== 'Task') return [];
  const before = await nextRun(live, uid, now);
  const after = await nextRun(merged, uid, now);
  if (before === after) return [];
  return [`# next run: ${before} -> ${after}\n`];
}

const END_OF_TIME = Date.UTC(9999, 11, 31);

async function nextRun(task: object | undefined, uid: string | undefined, now: number): Promise<string> {
  if (task === undefined) return 'none';
  const { compileSchedules, firesAfter, scheduleSpecOf } = await import('../../heavy/manifests.js');
  const { metadata, spec } = task as Pick<Task, 'metadata' | 'spec'>;
  const after = firesAfter(spec, now);
  if (after === Number.POSITIVE_INFINITY) return 'suspended';
  const [next] = compileSchedules(scheduleSpecOf({ metadata, spec }), uid ?? '').between(after, END_OF_TIME, 1);
  return next === undefined ? 'never' : isoTime(next.time);
}

const RED = 31;
const GREEN = 32;
const CYAN = 36;
const BOLD = 1;

function coloured(text: string): string {
  return text.replace(/^.+$/gm, (line) => {
    const code = colourOf(line);
    return code === undefined ? line : `\u001b[${code}m${line}\u001b[0m`;
  });
}

function colourOf(line: string): number | undefined {
  if (/^(diff -u|--- LIVE\/|\+\+\+ MERGED\/)/.test(line)) return BOLD;
  if (line.startsWith('@@')) return CYAN;
  if (line.startsWith('-')) return RED;
  return line.startsWith('+') ? GREEN : undefined;
}

/** GitHub takes comments of 65,536 characters, GitLab of a million; this leaves room for what is around it. */
const MARKDOWN_MAX_CHARS = 60_000;
/** A comment that begins with this is the one to update. */
export const MARKDOWN_MARK = '<!-- ctask-diff -->';

export async function markdown(comparison: Comparison, now: number): Promise<string> {
  const { differences } = comparison;
  const head = `${MARKDOWN_MARK}\n### ctask diff: ${summaryWords(comparison)}\n`;
  const parts: string[] = [];
  let room = MARKDOWN_MAX_CHARS - head.length;
  for (const [index, difference] of differences.entries()) {
    const part = await markdownPart(difference, now);
    room -= part.length;
    if (room < 0) {
      parts.push(`\n… and ${differences.length - index} more; see \`ctask diff\`\n`);
      break;
    }
    parts.push(part);
  }
  return `${head}${parts.join('')}`;
}

async function markdownPart(difference: Difference, now: number): Promise<string> {
  const { kind, name, namespace, operation } = difference;
  const where = namespace === undefined ? '' : ` in \`${namespace}\``;
  const notes = (await nextRunNote(difference, now)).map((note) => `\n${note.slice(2)}`).join('');
  const hunks = await hunksOf(difference);
  const fence = '`'.repeat(Math.max(3, ...[...hunks.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const title = `<code>${qualifiedName(kind, name)}</code>${where} ${operation}`.replaceAll('`', '');
  return `\n<details><summary>${title}</summary>\n${notes}\n${fence}diff\n${hunks}${fence}\n\n</details>\n`;
}

/** `2 created, 1 changed, 1 pruned`. */
export function summaryWords({ summary }: Comparison): string {
  const { created, configured, pruned } = summary;
  const words = [
    ...(created > 0 ? [`${created} created`] : []),
    ...(configured > 0 ? [`${configured} changed`] : []),
    ...(pruned > 0 ? [`${pruned} pruned`] : []),
  ];
  return words.length === 0 ? 'no differences' : words.join(', ');
}
