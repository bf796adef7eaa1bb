// Many events: in one line, and which of them are worth more than a line.
import type { NewsWords } from './describe-news.js';
import type { Tone } from './event-words.js';

/** `Failed billing/report: exit code 1`, `Failed billing/report (10 times)`, `10 events: 7 Failed, 3 Recovered`. */
export function summaryOf(all: readonly NewsWords[]): string {
  const [first] = all;
  if (all.length === 1) return `${first!.title}: ${first!.why}`;
  const titles = new Set(all.map(({ title }) => title));
  if (titles.size === 1) return `${first!.title} (${all.length} times)`;
  const counts = new Map<string, number>();
  for (const { word } of all) counts.set(word, (counts.get(word) ?? 0) + 1);
  return `${all.length} events: ${[...counts].map(([word, count]) => `${count} ${word}`).join(', ')}`;
}

/** The worst of them. */
export function toneOf(words: readonly NewsWords[]): Tone {
  const tones: readonly Tone[] = ['bad', 'warn', 'plain', 'good'];
  return tones.find((tone) => words.some((one) => one.tone === tone)) ?? 'plain';
}

/**
 * Places of those that are told in full: of what is not well the latest of each task or agent, which says since when. The others have
 * their line.
 */
export function inFull(words: readonly NewsWords[], max: number): readonly number[] {
  if (words.length === 1) return [0].slice(0, max);
  const last = new Map<string, number>();
  words.forEach(({ about, tone }, index) => {
    if (tone === 'bad' || tone === 'warn') last.set(about, index);
  });
  return [...last.values()].sort((a, b) => a - b).slice(0, max);
}

/** Of several events of one task, each with the run that it is about. */
export function withRuns(words: readonly NewsWords[]): readonly NewsWords[] {
  const counts = new Map<string, number>();
  for (const { about } of words) counts.set(about, (counts.get(about) ?? 0) + 1);
  return words.map((one) => {
    const run = one.facts.find(([name]) => name === 'Run')?.[1];
    return run === undefined || counts.get(one.about) === 1 ? one : { ...one, why: `${one.why} (run ${run})` };
  });
}
