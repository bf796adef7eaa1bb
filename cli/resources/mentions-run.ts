import type { Event } from '../../manifests/index.js';

/** Events about runs are kept with their task, and name the run. */
export function mentionsRun({ spec }: Event, run: string): boolean {
  return spec.message.split(/[\s:,]+/).includes(run);
}
