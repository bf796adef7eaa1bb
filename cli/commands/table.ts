// Every client command and the group it stands in. The order is that of the help.
import type { DefineCommand } from '../server-verbs.js';

const BASIC = 'Basic commands:';
const FILES = 'Files:';
const RUN = 'Runs:';
const WATCH = 'Watching:';
const DEPLOY = 'Deploying:';
const AGENTS = 'Agents:';
const OTHER = 'Other:';

export interface CommandRow {
  /** The verb, as the command is defined. */
  readonly verb: string;
  readonly group: string;
  /** Its code is loaded when it is called: with that of all commands a short one would start a tenth slower. */
  readonly load: () => Promise<DefineCommand>;
}

export const commands: readonly CommandRow[] = [
  { verb: 'apply', group: BASIC, load: async () => (await import('./apply.js')).defineApply },
  { verb: 'create', group: BASIC, load: async () => (await import('./create.js')).defineCreate },
  { verb: 'get', group: BASIC, load: async () => (await import('./get.js')).defineGet },
  { verb: 'describe', group: BASIC, load: async () => (await import('./describe/describe.js')).defineDescribe },
  { verb: 'delete', group: BASIC, load: async () => (await import('./delete.js')).defineDelete },
  { verb: 'edit', group: BASIC, load: async () => (await import('./change/edit.js')).defineEdit },
  { verb: 'explain', group: BASIC, load: async () => (await import('./explain.js')).defineExplain },
  { verb: 'undelete', group: BASIC, load: async () => (await import('./undelete.js')).defineUndelete },
  { verb: 'validate', group: FILES, load: async () => (await import('./validate.js')).defineValidate },
  { verb: 'fmt', group: FILES, load: async () => (await import('./fmt.js')).defineFmt },
  { verb: 'schema', group: FILES, load: async () => (await import('./schema.js')).defineSchema },
  { verb: 'import', group: FILES, load: async () => (await import('./import/import.js')).defineImport },
  { verb: 'run', group: RUN, load: async () => (await import('./runs/run.js')).defineRun },
  { verb: 'cancel', group: RUN, load: async () => (await import('./runs/cancel.js')).defineCancel },
  { verb: 'retry', group: RUN, load: async () => (await import('./runs/retry.js')).defineRetry },
  { verb: 'backfill', group: RUN, load: async () => (await import('./runs/backfill.js')).defineBackfill },
  { verb: 'suspend', group: RUN, load: async () => (await import('./suspend.js')).defineSuspend },
  { verb: 'resume', group: RUN, load: async () => (await import('./suspend.js')).defineResume },
  { verb: 'next', group: RUN, load: async () => (await import('./next.js')).defineNext },
  { verb: 'logs', group: WATCH, load: async () => (await import('./logs/logs.js')).defineLogs },
  { verb: 'events', group: WATCH, load: async () => (await import('./events.js')).defineEvents },
  { verb: 'ui', group: WATCH, load: async () => (await import('./ui.js')).defineUi },
  { verb: 'top', group: WATCH, load: async () => (await import('./top.js')).defineTop },
  { verb: 'wait', group: WATCH, load: async () => (await import('./wait/wait.js')).defineWait },
  { verb: 'why', group: WATCH, load: async () => (await import('./why.js')).defineWhy },
  { verb: 'audit', group: WATCH, load: async () => (await import('./audit/audit.js')).defineAudit },
  { verb: 'patch', group: DEPLOY, load: async () => (await import('./change/patch.js')).definePatch },
  { verb: 'replace', group: DEPLOY, load: async () => (await import('./change/replace.js')).defineReplace },
  { verb: 'clone', group: DEPLOY, load: async () => (await import('./change/clone.js')).defineClone },
  { verb: 'label', group: DEPLOY, load: async () => (await import('./change/label.js')).defineLabel },
  { verb: 'annotate', group: DEPLOY, load: async () => (await import('./change/label.js')).defineAnnotate },
  { verb: 'set', group: DEPLOY, load: async () => (await import('./change/set.js')).defineSet },
  { verb: 'diff', group: DEPLOY, load: async () => (await import('./diff/diff.js')).defineDiff },
  { verb: 'download', group: DEPLOY, load: async () => (await import('./packages/download.js')).defineDownload },
  { verb: 'export', group: DEPLOY, load: async () => (await import('./export.js')).defineExport },
  { verb: 'rollout', group: DEPLOY, load: async () => (await import('./rollout/rollout.js')).defineRollout },
  { verb: 'history', group: DEPLOY, load: async () => (await import('./rollout/rollout.js')).defineHistory },
  { verb: 'cordon', group: AGENTS, load: async () => (await import('./agents/cordon.js')).defineCordon },
  { verb: 'uncordon', group: AGENTS, load: async () => (await import('./agents/cordon.js')).defineUncordon },
  { verb: 'drain', group: AGENTS, load: async () => (await import('./agents/drain.js')).defineDrain },
  { verb: 'rebalance', group: AGENTS, load: async () => (await import('./agents/rebalance.js')).defineRebalance },
  { verb: 'secrets-key', group: OTHER, load: async () => (await import('./secrets-key.js')).defineSecretsKey },
  { verb: 'notifier', group: OTHER, load: async () => (await import('./notifier.js')).defineNotifier },
  { verb: 'config', group: OTHER, load: async () => (await import('./config/config.js')).defineConfig },
  { verb: 'ctx', group: OTHER, load: async () => (await import('./context/ctx.js')).defineCtx },
  { verb: 'ns', group: OTHER, load: async () => (await import('./context/ns.js')).defineNs },
  { verb: 'info', group: OTHER, load: async () => (await import('./info.js')).defineInfo },
  { verb: 'auth', group: OTHER, load: async () => (await import('./auth/auth.js')).defineAuth },
  { verb: 'api-resources', group: OTHER, load: async () => (await import('./api-resources.js')).defineApiResources },
  { verb: 'api-versions', group: OTHER, load: async () => (await import('./api-versions.js')).defineApiVersions },
  { verb: 'cluster-info', group: OTHER, load: async () => (await import('./cluster-info.js')).defineClusterInfo },
  { verb: 'doctor', group: OTHER, load: async () => (await import('./doctor/doctor.js')).defineDoctor },
  {
    verb: 'support-bundle',
    group: OTHER,
    load: async () => (await import('./support/support-bundle.js')).defineSupportBundle,
  },
  { verb: 'completion', group: OTHER, load: async () => (await import('./completion.js')).defineCompletion },
  { verb: 'plugin', group: OTHER, load: async () => (await import('./plugin.js')).definePlugin },
  { verb: 'options', group: OTHER, load: async () => (await import('./options.js')).defineOptions },
  { verb: 'version', group: OTHER, load: async () => (await import('./version.js')).defineVersion },
  { verb: 'help', group: OTHER, load: async () => (await import('./help.js')).defineHelp },
];
