import { errorOfStatus } from '../client/status.js';

/** Row C-07: what is wrong with it is said here, without a server, as the server would say it. Throws CT_INVALID. */
export async function checkObject(object: object, kind: string, name: string): Promise<void> {
  const { validateObject } = await import('../heavy/manifests.js');
  const { causes } = validateObject(object);
  if (causes.length === 0) return;
  const message = `${kind} "${name}" is invalid`;
  const details = { name, kind: kind.toLowerCase(), causes };
  throw errorOfStatus({
    ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 422, reason: 'Invalid', message, details },
  });
}
