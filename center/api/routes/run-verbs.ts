import { CloudTaskError, parseDuration } from '../../../base/index.js';
import { bad, parametersOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { retry } from './retry.js';
import { answerLog } from './run-log.js';

const RUN = `${GROUP_PATH}/namespaces/:namespace/runs/:name`;

export function runVerbRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'POST', path: `${RUN}/cancel`, verb: 'cancel', role: 'admin', kind: 'Run' },
      summary: 'Ask for the end of a Run',
      handle: async (request, _reply, user) => {
        const { namespace = '', name = '' } = parametersOf(request);
        const gracePeriodMs = gracePeriodOf(request.body);
        const ask = gracePeriodMs === undefined ? {} : { gracePeriodMs };
        const { store, metrics } = context;
        return metrics.timeWrite('cancel', () => store.requestCancel(namespace, name, ask, user?.audit));
      },
    },
    {
      ...{ method: 'POST', path: `${RUN}/retry`, verb: 'retry', role: 'admin', kind: 'Run' },
      summary: 'Run again what a Run was, once',
      handle: (request, reply, user) => retry(context, request, reply, user),
    },
    {
      ...{ method: 'GET', path: `${RUN}/log`, verb: 'log', role: 'read', kind: 'Run' },
      summary: 'Read or follow the output of a Run',
      handle: (request, reply, user) => answerLog(context, request, reply, user),
    },
  ];
}

function gracePeriodOf(body: unknown): number | undefined {
  const { gracePeriod, ...rest } = (body ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new CloudTaskError('CT_BAD_REQUEST', `body: unknown field "${unknown}"`);
  if (gracePeriod === undefined) return undefined;
  const ms = typeof gracePeriod === 'string' ? parseDuration(gracePeriod) : undefined;
  if (ms === undefined) throw bad('gracePeriod', `"${gracePeriod}" is not a duration such as 10s`);
  return ms;
}
