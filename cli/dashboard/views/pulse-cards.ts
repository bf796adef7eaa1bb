// What stands on each card of the pulses.
import type { Line, Meaning, Span } from '../text/line.js';
import { statusGlyph } from './glyphs.js';
import { PULSE_MINUTES, type PulsesModel } from './pulses-model.js';
import { bar, sparkline } from './spark.js';
import { lengthWords } from './times.js';

export type PulseCardId = 'runs' | 'success' | 'duration' | 'queue' | 'agents' | 'tasks';

export interface PulseCard {
  readonly id: PulseCardId;
  readonly title: string;
  /** The figure that counts. */
  readonly figure: Span;
  /** The same in fewer and fewer words: what there is room for is shown. */
  readonly details: readonly string[];
  /** A graph of so many cells. */
  readonly graph?: (width: number, ascii: boolean) => Line;
}

/** Row by row; what the keys move over. */
export const PULSE_CARDS: readonly PulseCardId[] = ['runs', 'success', 'duration', 'queue', 'agents', 'tasks'];

/** What `enter` opens: a table, perhaps with what matters in it only. */
export interface PulseTarget {
  readonly resource: 'runs' | 'agents' | 'tasks';
  /** As typed after `/`. */
  readonly filter?: string;
  /** What somebody should look at (T-12). */
  readonly faults?: true;
}

export const PULSE_TARGETS: Readonly<Record<PulseCardId, PulseTarget>> = {
  runs: { resource: 'runs' },
  success: { resource: 'runs', faults: true },
  duration: { resource: 'runs', filter: 'Running' },
  queue: { resource: 'runs', filter: 'Pending|Queued|Running' },
  agents: { resource: 'agents' },
  tasks: { resource: 'tasks', faults: true },
};

export function pulseCard(id: PulseCardId, model: PulsesModel): PulseCard {
  return cards[id](model);
}

const cards: Readonly<Record<PulseCardId, (model: PulsesModel) => PulseCard>> = {
  runs: ({ starts, rate, failures }) => ({
    id: 'runs',
    title: 'Runs',
    figure: { text: `${perMinute(rate)}/min`, meaning: 'accent' },
    details: [
      `in 5m; ${sum(starts)} starts in ${PULSE_MINUTES}m`,
      `in 5m; ${sum(starts)} in ${PULSE_MINUTES}m`,
      `${sum(starts)} in ${PULSE_MINUTES}m`,
    ],
    graph: (width, ascii) => startsGraph(starts, failures, width, ascii),
  }),
  success: ({ ended, succeeded, coveredMs }) => {
    const share = ended === 0 ? 1 : succeeded / ended;
    const meaning = ended === 0 ? 'dim' : successMeaning(share);
    return {
      id: 'success',
      title: 'Success',
      figure: { text: ended === 0 ? '-' : percent(share), meaning },
      details:
        ended === 0
          ? ['no run ended']
          : [`${succeeded} of ${ended} in ${lengthWords(coveredMs)}`, `${succeeded} of ${ended}`],
      ...(ended === 0 ? {} : { graph: (width: number, ascii: boolean) => barLine(share, width, ascii, meaning) }),
    };
  },
  duration: ({ p50, p95, longest, coveredMs }) => ({
    id: 'duration',
    title: 'Duration',
    figure: p95 === undefined ? { text: '-', meaning: 'dim' } : { text: `p95 ${lengthWords(p95)}` },
    details:
      p50 === undefined
        ? ['no run ended']
        : [`p50 ${lengthWords(p50)} in ${lengthWords(coveredMs)}`, `p50 ${lengthWords(p50)}`],
    graph: (width, ascii) => [{ text: sparkline(longest, width, ascii), meaning: 'accent' }],
  }),
  queue: ({ running, waiting }) => ({
    id: 'queue',
    title: 'Queue',
    figure: { text: `${running} running`, meaning: running > 0 ? 'active' : 'plain' },
    details: [`${waiting} waiting`],
    graph: (width, ascii) => queueGraph(running, waiting, width, ascii),
  }),
  agents: ({ agents, readyAgents, notReady }) => {
    const meaning = agents > 0 && readyAgents === agents ? 'ok' : 'bad';
    return {
      id: 'agents',
      title: 'Agents',
      figure: { text: `${readyAgents}/${agents} ready`, meaning },
      details: agentWords(agents, agents - readyAgents, notReady),
      graph: (width, ascii) => barLine(agents === 0 ? 0 : readyAgents / agents, width, ascii, meaning),
    };
  },
  tasks: ({ tasks, failing, suspended, failures }) => ({
    id: 'tasks',
    title: 'Tasks',
    figure: { text: `${failing} failing`, meaning: failing > 0 ? 'bad' : 'ok' },
    details: suspended === 0 ? [`of ${tasks}`] : [`of ${tasks}, ${suspended} suspended`, `of ${tasks}`],
    graph: (width, ascii) => [{ text: sparkline(failures, width, ascii), meaning: 'bad' }],
  }),
};

function agentWords(agents: number, missing: number, names: readonly string[]): string[] {
  if (agents === 0) return ['none here'];
  return missing === 0 ? ['all of them'] : [`not: ${names.join(', ')}`, `${missing} not`];
}

/** Minutes in which something failed are told by colour and, on the card of the tasks, by a graph of their own. */
function startsGraph(starts: readonly number[], failures: readonly number[], width: number, ascii: boolean): Line {
  const shown = sparkline(starts, width, ascii);
  const offset = width - starts.length;
  return [...shown].map((text, index) => {
    const failed = (failures[index - offset] ?? 0) > 0;
    return { text, meaning: failed ? 'warn' : 'accent' } as const;
  });
}

/** One glyph each, as many as there is room for. */
function queueGraph(running: number, waiting: number, width: number, ascii: boolean): Line {
  const active = statusGlyph('Running', ascii);
  const idle = statusGlyph('Pending', ascii);
  const shown = Math.min(running, width);
  return [
    { ...active, text: active.text.repeat(shown) },
    { ...idle, text: idle.text.repeat(Math.max(0, Math.min(waiting, width - shown))) },
  ];
}

function barLine(share: number, width: number, ascii: boolean, meaning: Meaning): Line {
  const { done, rest } = bar(share, width, ascii);
  return [
    { text: done, meaning },
    { text: rest, meaning: 'dim' },
  ];
}

function successMeaning(share: number): Meaning {
  return share >= 0.99 ? 'ok' : share >= 0.9 ? 'warn' : 'bad';
}

/** `98.2%`; not 100 % while anything failed. */
function percent(share: number): string {
  const tenths = Math.floor(share * 1000) / 10;
  return share === 1 ? '100%' : `${tenths.toFixed(1)}%`;
}

function perMinute(rate: number): string {
  return rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
