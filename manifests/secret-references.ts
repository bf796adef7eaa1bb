// Which secrets a task names, and what its environment comes to with their values.
import type { RunTemplate } from './kinds/task-run.js';

/** One variable of a task that comes from a secret; the whole of the secret without `key`. */
export interface SecretReference {
  readonly secret: string;
  readonly key?: string;
  /** Where in spec.run: `env[0]`, `envFrom[1]`. */
  readonly place: string;
}

export function secretReferences(run: Pick<RunTemplate, 'env' | 'envFrom'>): SecretReference[] {
  const references: SecretReference[] = [];
  run.envFrom?.forEach(({ secret }, index) => {
    references.push({ secret, place: `envFrom[${index}]` });
  });
  run.env?.forEach(({ valueFrom }, index) => {
    if (valueFrom !== undefined) references.push({ ...valueFrom, place: `env[${index}]` });
  });
  return references;
}

/** Names of the secrets, each once. */
export function secretNames(run: Pick<RunTemplate, 'env' | 'envFrom'>): string[] {
  return [...new Set(secretReferences(run).map(({ secret }) => secret))];
}
