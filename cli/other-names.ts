// Words of other programs' habits whose meaning is clear, though they are no commands or kinds here. They are suggested:
// the nearest spelling would be another thing altogether, "top" for "stop".

/** Verbs, by the word that somebody may try. */
export const otherNames: Readonly<Record<string, string>> = {
  abort: 'cancel',
  kill: 'cancel',
  stop: 'cancel',
  terminate: 'cancel',
  disable: 'suspend',
  pause: 'suspend',
  continue: 'resume',
  enable: 'resume',
  unpause: 'resume',
  unsuspend: 'resume',
  add: 'create',
  copy: 'clone',
  list: 'get',
  ls: 'get',
  ps: 'get runs',
  status: 'get tasks',
  remove: 'delete',
  rm: 'delete',
  rollback: 'rollout undo',
  start: 'run',
  trigger: 'run',
  plan: 'diff',
  show: 'describe',
  tail: 'logs -f',
  login: 'config set-credentials',
  server: 'up',
};

/** Kinds of Kubernetes, by their names: the kind that people mean. */
export const otherKinds: Readonly<Record<string, string>> = {
  cronjob: 'tasks',
  cronjobs: 'tasks',
  cj: 'tasks',
  schedule: 'tasks',
  schedules: 'tasks',
  job: 'runs',
  jobs: 'runs',
  pod: 'runs',
  pods: 'runs',
  po: 'runs',
  node: 'agents',
  nodes: 'agents',
  no: 'agents',
  worker: 'agents',
  workers: 'agents',
};
