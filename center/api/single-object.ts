import { CloudTaskError, type ErrorCause, isCloudTaskError } from '../../base/index.js';

/** Runs a write of one object: the store speaks of `objects[0]`, the client knows only the one. */
export async function singleObject<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isCloudTaskError(error) || error.details.causes === undefined) throw error;
    throw new CloudTaskError(error.code, { ...error.details, causes: error.details.causes.map(plain) });
  }
}

function plain({ field, ...cause }: ErrorCause): ErrorCause {
  const rest = field?.replace(/^objects\[0\]\.?/, '');
  return rest === undefined || rest === '' ? cause : { ...cause, field: rest };
}
