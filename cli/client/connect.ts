import { CloudTaskError } from '../../base/index.js';
import type { Host } from '../host.js';
import { Api } from './api.js';
import type { Settings } from './settings.js';
import { createTrace } from './trace.js';

/** A context may be there which nobody has chosen. */
function hintOf({ config, context }: Settings): string {
  const [first, ...more] = config.contexts.map(({ name }) => name);
  if (context !== undefined || first === undefined)
    return "start one with 'ctask up', or name one with --server, CTASK_SERVER or 'ctask config set-server'";
  if (more.length === 0) return `context ${first} is there: ctask config use-context ${first}`;
  return `contexts are there: ${[first, ...more].join(', ')}; choose one with 'ctask config use-context'`;
}

/** The client for `settings`. Throws CT_CONFIG_INVALID when nothing names a server. */
export function connect(
  settings: Settings,
  host: Host,
  signal: AbortSignal,
  say: (line: string) => void,
  onWarning: (text: string) => void,
): Api {
  if (settings.servers.length === 0) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: 'no server is configured',
      hint: hintOf(settings),
    });
  }
  const trace = createTrace(settings.verbosity, say);
  return new Api({
    servers: settings.servers,
    ...(settings.token === undefined ? {} : { token: settings.token }),
    ...(settings.impersonate === undefined ? {} : { impersonate: settings.impersonate }),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    insecure: settings.insecure,
    tlsServerName: settings.tlsServerName,
    clientCertificate: settings.clientCertificate,
    clientKey: settings.clientKey,
    timeoutMs: settings.requestTimeoutMs,
    clock: host.clock,
    signal,
    userAgent: `ctask/${host.version}`,
    ...(trace === undefined ? {} : { trace }),
    onWarning,
  });
}
