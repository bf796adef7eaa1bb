// Verbs that people know from kubectl and that mean nothing here: one line with the ctask way, exit 2.

export const refusedVerbs: Readonly<Record<string, string>> = {
  scale: "tasks do not scale; see 'ctask run' for more runs",
  autoscale: "tasks do not scale; see 'ctask run' for more runs",
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
};
