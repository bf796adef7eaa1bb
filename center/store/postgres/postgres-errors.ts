import { CloudTaskError, isCloudTaskError } from '../../../base/index.js';

/** Classes and codes of SQLSTATE after which the same statement may work: connection, resources, operator intervention,
 * deadlock, serialisation, and the ends of transactions that took too long. */
const TRANSIENT = /^(08|53|57P|40)|^(25P03|57014|55P03)/;
/** Node's names for a server that is not there. */
const NETWORK = /^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT)/;
/** The driver has no code for these. */
const DRIVER =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client was closed|Client has encountered a connection error|Cannot use a pool after)/;

/**
 * What an error of the driver means. CT_STORE_UNREACHABLE: PostgreSQL is not there now; nothing that was acknowledged is
 * lost, and the caller may come again. CT_STORE: it refused. Undefined: no error of the database.
 */
export function postgresError(error: unknown, shown: string): CloudTaskError | undefined {
  if (!(error instanceof Error) || isCloudTaskError(error)) return undefined;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  const name = typeof code === 'string' ? code : '';
  if (severity !== undefined && !TRANSIENT.test(name)) {
    return new CloudTaskError('CT_STORE', { subject: shown, detail: `${error.message} (${name})`, cause: error });
  }
  if (severity === undefined && !NETWORK.test(name) && !DRIVER.test(error.message)) return undefined;
  const detail = error.message === '' ? name : error.message;
  return new CloudTaskError('CT_STORE_UNREACHABLE', { subject: shown, detail, cause: error });
}
