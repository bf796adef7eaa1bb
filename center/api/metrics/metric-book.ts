import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type LabelsOf, type MetricName, metricRow, type NamesOf } from './metric-table.js';

/** What prom-client says of the process that is no counter and is called one. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Makes the metrics of the table, each once. */
export class MetricBook {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  counter<N extends NamesOf<'counter'>>(name: N): Counter<LabelsOf<N>> {
    return new Counter<LabelsOf<N>>(this.configuration(name));
  }

  gauge<N extends NamesOf<'gauge'>>(name: N): Gauge<LabelsOf<N>> {
    return new Gauge<LabelsOf<N>>(this.configuration(name));
  }

  histogram<N extends NamesOf<'histogram'>>(name: N): Histogram<LabelsOf<N>> {
    const buckets = [...(metricRow(name).buckets ?? [])];
    return new Histogram<LabelsOf<N>>({ ...this.configuration(name), buckets });
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private configuration<N extends MetricName>(name: N) {
    const { help, labels = [] } = metricRow(name);
    return { name, help, labelNames: labels as readonly LabelsOf<N>[], registers: [this.registry] };
  }
}

/** A counter whose value is counted elsewhere. */
export function setCounter<L extends string>(counter: Counter<L>, value: number): void {
  counter.reset();
  counter.inc(value);
}
