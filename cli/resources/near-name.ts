import { CloudTaskError } from '../../base/index.js';
import type { Api } from '../client/api.js';
import { closest } from '../output/suggest.js';

/** One page: a suggestion is worth one request, not a walk through everything. */
const NAMES_MAX = 500;

/** `error` (CT_NOT_FOUND of `name`), with the name that was probably meant when the list at `path` has one. */
export async function withNearName(
  error: CloudTaskError,
  api: Api,
  path: string,
  name: string,
): Promise<CloudTaskError> {
  let names: string[];
  try {
    const { items } = await api.get<{ items: { metadata: { name: string } }[] }>(path, { limit: NAMES_MAX });
    names = items.map(({ metadata }) => metadata.name);
  } catch {
    return error; // what matters is that the name does not exist, and that is known
  }
  const near = closest(name, names);
  return near === undefined
    ? error
    : new CloudTaskError(error.code, { ...error.details, hint: `Did you mean this?\n\t${near}` });
}
