// Runs over time, stacked: those that went well, and on top of them those that did not.
import { useEffect, useMemo, useRef } from 'react';
import UPlot from 'uplot';
import type { Outcomes } from '../text/outcomes.js';
import { minuteIn, shownZone } from '../text/times.js';
import { OutcomeStrip } from './outcome-strip.js';

interface OutcomeChartProps {
  /** Of equal stretches of [since, until). */
  readonly outcomes: readonly Outcomes[];
  readonly since: number;
  readonly until: number;
}

const HEIGHT = 190;

export function OutcomeChart({ outcomes, since, until }: OutcomeChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const data = useMemo(() => dataOf(outcomes, since, until), [outcomes, since, until]);
  const latest = useRef(data);
  latest.current = data;
  const span = useRef({ since, until });
  Object.assign(span.current, { since, until });

  // The colours are those of the style sheet at this moment: a change of theme draws anew.
  useEffect(() => {
    const element = box.current!;
    const draw = () => {
      chart.current?.destroy();
      chart.current = new UPlot(optionsFor(element, span.current), latest.current, element);
    };
    draw();
    const sizes = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', draw);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      system.removeEventListener('change', draw);
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => chart.current?.setData(data), [data]);

  const good = outcomes.reduce((sum, part) => sum + part.good, 0);
  const bad = outcomes.reduce((sum, part) => sum + part.bad, 0);
  return (
    <figure className="chart">
      <figcaption className="legend">
        <span className="good">Succeeded</span>
        <span className="bad">Failed</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${good} runs succeeded and ${bad} failed in the last 24 hours`} />
      <p className="strip-words">
        <span className="rates">
          Success rate <span className="good">all</span> <span className="warn">most</span>{' '}
          <span className="bad">half or fewer</span>
        </span>
        <span>{lowestWords(outcomes, since, until)}</span>
      </p>
      <OutcomeStrip outcomes={outcomes} since={since} until={until} />
    </figure>
  );
}

/** The stretch in which most went wrong, if anything did. */
function lowestWords(outcomes: readonly Outcomes[], since: number, until: number): string {
  const rates = outcomes.map(({ good, bad }) => (good + bad === 0 ? 1 : good / (good + bad)));
  const lowest = Math.min(...rates);
  if (lowest === 1) return '100 % all day';
  const at = since + (rates.lastIndexOf(lowest) * (until - since)) / outcomes.length;
  return `lowest ${(100 * lowest).toFixed(0)} % at ${minuteIn(shownZone(), at)}`;
}

/** Heights of the stacks first: the lower part is drawn over them. */
function dataOf(outcomes: readonly Outcomes[], since: number, until: number): UPlot.AlignedData {
  const width = (until - since) / outcomes.length / 1000;
  return [
    outcomes.map((_, index) => since / 1000 + (index + 0.5) * width),
    outcomes.map(({ good, bad }) => good + bad),
    outcomes.map(({ good }) => good),
  ];
}

function optionsFor(element: HTMLElement, span: { since: number; until: number }): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => resolved(style.getPropertyValue(name), element);
  const bars = UPlot.paths.bars!({ size: [0.72, 26], radius: 0.15 });
  const [good, bad, text, grid] = ['--good-fill', '--bad', '--muted', '--line'].map(colour) as [
    string,
    string,
    string,
    string,
  ];
  const axis = { stroke: text, font: '12px system-ui', ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), shownZone()),
    legend: { show: false },
    cursor: { x: false, y: false, drag: { x: false, y: false }, points: { show: false } },
    plugins: [tip()],
    padding: [8, 0, 0, 0],
    scales: {
      x: { range: () => [span.since / 1000, span.until / 1000] },
      y: { range: (_chart, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: hours, space: 70, filter: withinSight },
      {
        ...axis,
        grid: { stroke: grid, width: 1 },
        size: 40,
        space: 40,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
      },
    ],
    series: [
      {},
      { fill: bad, stroke: bad, width: 0, paths: bars, points: { show: false } },
      { fill: good, stroke: good, width: 0, paths: bars, points: { show: false } },
    ],
  };
}

/** What was left out has no name: it would be that of 1970. */
function hours(_chart: UPlot, splits: (number | null)[]): (string | null)[] {
  return splits.map((split) => (split === null ? null : minuteIn(shownZone(), split * 1000)));
}

/** Its name would be cut off at the edge. */
function withinSight({ scales: { x } }: UPlot, splits: number[]): (number | null)[] {
  const [min, max] = [x?.min ?? 0, x?.max ?? 0];
  return splits.map((split) => (max - split < (max - min) / 30 ? null : split));
}

/** Says of the bar under the pointer when it was and what it stands for. */
function tip(): UPlot.Plugin {
  const element = document.createElement('div');
  element.className = 'chart-tip';
  element.hidden = true;
  return {
    hooks: {
      init: ({ over }) => void over.append(element),
      setCursor: ({ cursor: { idx }, data, valToPos, over }) => {
        element.hidden = idx === undefined || idx === null;
        if (idx === undefined || idx === null) return;
        const [times, all, good] = data as [number[], number[], number[]];
        const half = (times[1]! - times[0]!) / 2;
        const clock = (seconds: number) => minuteIn(shownZone(), seconds * 1000);
        const bad = all[idx]! - good[idx]!;
        element.textContent = `${clock(times[idx]! - half)}–${clock(times[idx]! + half)}: ${good[idx]} succeeded, ${bad} failed`;
        const middle = valToPos(times[idx]!, 'x');
        const beyond = over.clientWidth - element.offsetWidth;
        element.style.transform = `translateX(${Math.max(0, Math.min(beyond, middle - element.offsetWidth / 2))}px)`;
      },
    },
  };
}

/** A canvas does not know light-dark(): the element is asked what it comes to. */
function resolved(value: string, element: HTMLElement): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
