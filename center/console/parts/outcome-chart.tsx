// Runs over time, stacked: those that went well, and on top of them those that did not.
import { useEffect, useMemo, useRef } from 'react';
import UPlot from 'uplot';
import type { RunObject } from '../api/objects.js';
import { type Outcomes, outcomesByTime } from '../text/outcomes.js';

interface OutcomeChartProps {
  readonly runs: readonly RunObject[];
  readonly since: number;
  readonly until: number;
}

const PARTS = 48;
const HEIGHT = 180;

export function OutcomeChart({ runs, since, until }: OutcomeChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const outcomes = useMemo(() => outcomesByTime(runs, { since, until, parts: PARTS }), [runs, since, until]);
  const data = useMemo(() => dataOf(outcomes, since, until), [outcomes, since, until]);
  const latest = useRef(data);
  latest.current = data;

  // The colours are those of the style sheet at this moment: a change of theme draws anew.
  useEffect(() => {
    const element = box.current!;
    const draw = () => {
      chart.current?.destroy();
      chart.current = new UPlot(optionsFor(element), latest.current, element);
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
      <div ref={box} role="img" aria-label={`${good} runs succeeded and ${bad} failed in the last 24 hours`} />
      <figcaption className="legend">
        <span className="good">Succeeded</span>
        <span className="bad">Failed</span>
      </figcaption>
    </figure>
  );
}

/** Heights of the stacks first: the lower part is drawn over them. */
function dataOf(outcomes: readonly Outcomes[], since: number, until: number): UPlot.AlignedData {
  const width = (until - since) / PARTS / 1000;
  return [
    outcomes.map((_, index) => since / 1000 + (index + 0.5) * width),
    outcomes.map(({ good, bad }) => good + bad),
    outcomes.map(({ good }) => good),
  ];
}

function optionsFor(element: HTMLElement): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => resolved(style.getPropertyValue(name), element);
  const bars = UPlot.paths.bars!({ size: [0.72, 26], radius: 0.15 });
  const [good, bad, text, grid] = ['--good', '--bad', '--muted', '--line'].map(colour) as [
    string,
    string,
    string,
    string,
  ];
  const axis = { stroke: text, font: '12px system-ui', ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] } },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: '{HH}:{mm}', space: 70 },
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

/** A canvas does not know light-dark(): the element is asked what it comes to. */
function resolved(value: string, element: HTMLElement): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
