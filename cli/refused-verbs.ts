// Words that people know from kubectl and that mean nothing here: one line with the ctask way, exit 2. Every row graded "–"
// of the reference is in one of these tables.

const NO_SCALE = "tasks do not scale; see 'ctask run' for more runs, spec.concurrencyPolicy for how many at once";

/** Verbs (rows C-24, C-33, C-73, C-74, C-96). */
export const refusedVerbs: Readonly<Record<string, string>> = {
  scale: NO_SCALE,
  autoscale: NO_SCALE,
  expose: "tasks are not exposed; see 'ctask logs' and 'ctask get runs'",
  'port-forward': "tasks listen on nothing; see 'ctask logs'",
  proxy: "the center is one HTTP server; 'ctask cluster-info' tells its address",
  exec: "a shell on an agent is not offered; see 'ctask run TASK -- ARGS'",
  attach: "runs have no terminal; see 'ctask logs -f run/NAME'",
  cp: "files are not copied to or from runs; see 'ctask logs'",
  debug: "see 'ctask describe run/NAME' and 'ctask logs run/NAME'",
  taint: 'agents are chosen by labels; see spec.placement in a task',
  certificate: "tokens authenticate; see 'ctask config set-credentials'",
  kustomize: "pipe the output of kustomize: 'kustomize build DIR | ctask apply -f -'",
  kuberc: "the configuration is one file; see 'ctask config view'",
  alpha: "there are no commands on trial; see 'ctask help'",
};

/** Verbs below other verbs, by the words that stand before them (rows C-25, C-30, C-58). */
export const refusedSubcommands: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rollout: { restart: "a task has nothing that runs all the time; see 'ctask run'" },
  set: {
    image: "a task has a command, not an image; see 'ctask edit' or 'ctask patch'",
    resources: "see 'ctask edit task/NAME'",
    selector: "agents are chosen in spec.placement.selector; see 'ctask edit task/NAME'",
  },
  'cluster-info': { dump: "see 'ctask support-bundle'" },
  apply: {
    'view-last-applied':
      "the center keeps who applied which field; see 'ctask get TYPE/NAME -o yaml --show-managed-fields'",
    'edit-last-applied': "see 'ctask edit TYPE/NAME'",
    'set-last-applied': "see 'ctask apply -f FILE --force-conflicts'",
  },
};

/** What kubectl creates and `ctask create` does not. */
export const refusedGenerators: Readonly<Record<string, string>> = {
  cronjob: "see 'ctask create task NAME --schedule CRON -- COMMAND'",
  job: "see 'ctask create task NAME -- COMMAND' and 'ctask run NAME'",
  deployment: "see 'ctask create task NAME -- COMMAND'",
  configmap: "there are no ConfigMaps; variables are part of a task, see 'ctask explain task.spec.run.env'",
  clusterrole: "every role is there for all namespaces; see 'ctask create role NAME'",
  service: 'tasks are not exposed',
  ingress: 'tasks are not exposed',
  quota: 'namespaces have no quotas in this version',
  poddisruptionbudget: "runs are not evicted; see 'ctask drain'",
  priorityclass: 'tasks have no priorities in this version',
};

/** Flags of other programs' habits, by command (rows C-10, C-22). */
export const refusedFlags: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  apply: {
    '--all': 'prune goes by sets; see --applyset NAME --prune',
    '--prune-allowlist': 'prune goes by sets; see --applyset NAME --prune',
    '--prune-whitelist': 'prune goes by sets; see --applyset NAME --prune',
    '--overwrite': 'fields have owners; see --force-conflicts',
    '--kustomize': "pipe the output of kustomize: 'kustomize build DIR | ctask apply -f -'",
    '-k': "pipe the output of kustomize: 'kustomize build DIR | ctask apply -f -'",
  },
  delete: { '--grace-period': 'how long a run has to end is spec.gracePeriod of its task; see --now' },
  drain: {
    '--ignore-daemonsets': 'every task of an agent can be handed over',
    '--delete-emptydir-data': 'what a task leaves on an agent stays there',
    '--force': 'see --ignore-running',
    '--grace-period': 'runs are not ended by a drain; see --ignore-running',
  },
  replace: { '--force': "delete and create it: 'ctask delete -f FILE', then 'ctask create -f FILE'" },
  get: { '--template': 'go-template is not supported; use jsonpath, custom-columns or `-o json | jq`' },
};
