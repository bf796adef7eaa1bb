// What only a whole center knows of itself; what the API adds is in api/routes/diagnosis.ts.
import type { CenterFacts, CoordinationFacts, Diagnosis, DriftFacts } from '../../manifests/index.js';
import { lookAtDrift, lookAtTasks } from './drift.js';
import { type CoordinationPlace, lookAtCoordination } from './look-at-coordination.js';
import { lookAtDisk } from './look-at-disk.js';

export interface InsideOptions extends CoordinationPlace {
  readonly centerId: string;
  readonly dataDir: string;
}

export interface Inside {
  readonly id: string;
  readonly disk: CenterFacts['disk'];
  readonly coordination: CoordinationFacts;
  readonly drift: DriftFacts | undefined;
  readonly unallocated: Diagnosis['unallocated'];
}

/** Takes about as long as a new leader takes to read coordination, and two seconds more where something is not as it should be. */
export async function lookInside(options: InsideOptions): Promise<Inside> {
  const tasks = await lookAtTasks(options.store);
  const [coordination, survey] = await lookAtCoordination(options);
  const drift = survey && (await lookAtDrift(options, survey, tasks, options).catch(() => undefined));
  return {
    ...{ id: options.centerId, disk: await lookAtDisk(options.dataDir) },
    ...{ coordination, drift, unallocated: tasks.unallocated },
  };
}
