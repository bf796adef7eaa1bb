import type { Secret } from '../../../manifests/index.js';
import type { Description } from '../../output/description.js';

/** Keys, and the marks that change with the values; of the values there is nothing to see. */
export async function describeSecret({ spec }: Secret, description: Description): Promise<void> {
  description.table('Data', ['Key', 'Mark'], Object.entries(spec.data ?? {}));
}
