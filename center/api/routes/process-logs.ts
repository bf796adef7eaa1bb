// The last log lines of this center, and of the agents that listen to it: what `ctask support-bundle` asks. A right of its own, `log` on
// Diagnosis: lines name what is in all namespaces.
import { API_VERSION, type ProcessLine, type ProcessLines, type ProcessLog } from '../../../manifests/index.js';
import { parametersOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { requireAgentName } from './agent-protocol.js';

const NO_LINES: ProcessLines = { lines: [], omitted: 0 };

export function processLogRoutes(context: ApiContext): Route[] {
  const common = { method: 'GET', verb: 'log', role: 'read', about: 'Diagnosis' } as const;
  const base = () => ({
    ...({ kind: 'ProcessLog', apiVersion: API_VERSION } as const),
    time: new Date(context.clock.now()).toISOString(),
  });
  return [
    {
      ...{ ...common, path: `${GROUP_PATH}/diagnosis/log` },
      summary: 'Read the last log lines of the center that answers, from level info on',
      handle: async (): Promise<ProcessLog> => {
        const { id = '', lines } = context.own ?? {};
        const told = lines && { lines: lines.all().map(parsed), omitted: lines.omitted };
        return { ...base(), name: id, answer: 'Given', ...(told ?? NO_LINES) };
      },
    },
    {
      ...{ ...common, path: `${GROUP_PATH}/diagnosis/agents/:name/log` },
      summary: 'Read the last log lines of an agent that is connected to the center that answers, its secrets masked',
      handle: async (request): Promise<ProcessLog> => {
        const { name = '' } = parametersOf(request);
        requireAgentName(name);
        const told = await context.agentLogs.ask(name);
        if (typeof told === 'string') return { ...base(), name, answer: told, ...NO_LINES };
        return { ...base(), name, answer: 'Given', ...told };
      },
    },
  ];
}

const parsed = (line: string) => JSON.parse(line) as ProcessLine;
