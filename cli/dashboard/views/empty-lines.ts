// What stands in a table without rows: why there are none, and what one may do about it, a line each.
import { messageOf } from '../../../base/index.js';
import type { Resource } from '../../client/discovery.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { Feed } from '../state/object-source.js';
import { fitLine, type Line } from '../text/line.js';
import { wrapWords } from '../text/wrap-words.js';

export interface EmptyTable {
  readonly resource: Resource;
  readonly feed: Feed | undefined;
  /** Objects before the filter. */
  readonly total: number;
  readonly place: string | undefined;
  /** Only what belongs to this was asked for. */
  readonly owner?: { readonly name: string; readonly whenEmpty?: string } | undefined;
  /** Only what has these labels was asked for. */
  readonly labelSelector?: string | undefined;
  /** Some are there, but hidden by this. */
  readonly hiddenBy?: 'filter' | 'faults';
}

const INDENT = 3;

export function emptyLines(table: EmptyTable, { width, height }: { width: number; height: number }): Line[] {
  if (height < 3) return [];
  const { text, bad } = reason(table);
  const room = width - 2 * INDENT;
  const steps = bad ? [] : nextSteps(table);
  const lines: Line[] = [
    ...wrapWords([{ text, meaning: bad ? 'bad' : 'plain' }], room),
    ...steps.flatMap((step) => wrapWords([{ text: step, meaning: 'dim' }], room)),
  ];
  const shown = lines.slice(0, height - 2);
  return [[], ...shown].map((line) => fitLine([{ text: ' '.repeat(INDENT) }, ...line], width));
}

const NEXT_STEPS: Readonly<Record<string, string>> = {
  Task: '"ctask create task" or "ctask apply -f FILE" makes one.',
  Run: '<t> on a task runs it now; its schedule does when it is due.',
  Agent: '"ctask agent" on a machine makes it one.',
  Event: 'They come as things happen, and go after a while.',
  Context: '"ctask config set-context NAME" makes one.',
};

function nextSteps({ resource, feed, total, place, owner, labelSelector, hiddenBy }: EmptyTable): string[] {
  if (feed === undefined || feed.phase === 'loading') return [];
  const { kind, name, verbs } = resource;
  if (total > 0) {
    const more = hiddenBy === 'faults' ? '<ctrl-z> shows all of them.' : '<esc> ends the filter.';
    return feed.cut ? [more, `Older ones are not here: "ctask get ${name}" has them.`] : [more];
  }
  if (owner !== undefined) return owner.whenEmpty === undefined ? [] : [owner.whenEmpty];
  const elsewhere = place === undefined ? [] : ['<0> shows all namespaces.'];
  if (labelSelector !== undefined) return [...elsewhere, `<:> ${name} <enter> shows those with other labels too.`];
  const making = verbs.includes('create') ? '"ctask apply -f FILE" makes one.' : undefined;
  const own = NEXT_STEPS[kind] ?? making;
  return own === undefined ? elsewhere : [...elsewhere, own];
}

function reason({ resource, feed, total, place, owner, labelSelector }: EmptyTable): { text: string; bad?: true } {
  const { name } = resource;
  if (feed?.error !== undefined) return { text: safeCell(messageOf(feed.error)), bad: true };
  if (feed === undefined || feed.phase === 'loading') return { text: `Reading ${name}…` };
  if (total > 0) return { text: `None of ${total} ${name} ${total === 1 ? 'matches' : 'match'}.` };
  if (owner !== undefined) return { text: `No ${name} of ${safeCell(owner.name)} found.` };
  const labelled = labelSelector === undefined ? '' : ` with ${safeCell(labelSelector)}`;
  return { text: `No ${name}${labelled} found${place === undefined ? '' : ` in ${place} namespace`}.` };
}
