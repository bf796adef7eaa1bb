import { agentCordoned } from '../../../manifests/index.js';
import type { AgentObject } from '../api/objects.js';
import { pathOf } from '../api/request.js';
import { type Action, post, rightOn } from './action.js';

const path = ({ metadata }: AgentObject, verb: string) => pathOf('agents', undefined, metadata.name, verb);
const line = (verb: string, { metadata }: AgentObject) => `ctask ${verb} ${metadata.name}`;

export const cordonAgent: Action<AgentObject> = {
  name: 'Cordon',
  verb: 'cordon',
  right: rightOn('agents', 'cordon'),
  possible: (agent) => !agentCordoned(agent),
  command: (agent) => line('cordon', agent),
  done: ({ metadata }) => `${metadata.name} gets no further tasks`,
  request: (agent) => post(path(agent, 'cordon')),
};

export const uncordonAgent: Action<AgentObject> = {
  name: 'Uncordon',
  verb: 'uncordon',
  right: rightOn('agents', 'uncordon'),
  possible: agentCordoned,
  command: (agent) => line('uncordon', agent),
  done: ({ metadata }) => `${metadata.name} gets tasks again`,
  request: (agent) => post(path(agent, 'uncordon')),
};

export const drainAgent: Action<AgentObject> = {
  name: 'Drain',
  verb: 'drain',
  right: rightOn('agents', 'drain'),
  danger: true,
  warning: ({ metadata }) => `${metadata.name} hands its tasks over, each when its open run has ended.`,
  possible: ({ spec }) => spec.drain === undefined,
  command: (agent) => line('drain', agent),
  done: ({ metadata }) => `${metadata.name} hands its tasks over`,
  request: (agent) => post(path(agent, 'drain')),
};

export const agentActions = [cordonAgent, uncordonAgent, drainAgent] as const;
