import { parametersOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { retry } from './retry.js';
import { answerLog } from './run-log.js';

const RUN = `${GROUP_PATH}/namespaces/:namespace/runs/:name`;

export function runVerbRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'POST', path: `${RUN}/cancel`, verb: 'cancel', role: 'admin', kind: 'Run' },
      summary: 'Ask for the end of a Run',
      handle: async (request) => {
        const { namespace = '', name = '' } = parametersOf(request);
        return context.metrics.timeWrite('cancel', () => context.store.requestCancel(namespace, name));
      },
    },
    {
      ...{ method: 'POST', path: `${RUN}/retry`, verb: 'retry', role: 'admin', kind: 'Run' },
      summary: 'Run again what a Run was, once',
      handle: (request, reply) => retry(context, request, reply),
    },
    {
      ...{ method: 'GET', path: `${RUN}/log`, verb: 'log', role: 'read', kind: 'Run' },
      summary: 'Read or follow the output of a Run',
      handle: (request, reply) => answerLog(context, request, reply),
    },
  ];
}
