// All commands at once: for what is about the whole command line, such as its help and completion. In one piece, since
// fifty files would take longer to load.
import type { DefineCommand } from '../server-verbs.js';
import { defineCordon, defineUncordon } from './agents/cordon.js';
import { defineDrain } from './agents/drain.js';
import { defineRebalance } from './agents/rebalance.js';
import { defineApiResources } from './api-resources.js';
import { defineApiVersions } from './api-versions.js';
import { defineApply } from './apply.js';
import { defineAudit } from './audit/audit.js';
import { defineAuth } from './auth/auth.js';
import { defineClone } from './change/clone.js';
import { defineEdit } from './change/edit.js';
import { defineAnnotate, defineLabel } from './change/label.js';
import { definePatch } from './change/patch.js';
import { defineReplace } from './change/replace.js';
import { defineSet } from './change/set.js';
import { defineClusterInfo } from './cluster-info.js';
import { defineCompletion } from './completion.js';
import { defineConfig } from './config/config.js';
import { defineCtx } from './context/ctx.js';
import { defineNs } from './context/ns.js';
import { defineCreate } from './create.js';
import { defineDelete } from './delete.js';
import { defineDescribe } from './describe/describe.js';
import { defineDiff } from './diff/diff.js';
import { defineDoctor } from './doctor/doctor.js';
import { defineEvents } from './events.js';
import { defineExplain } from './explain.js';
import { defineExport } from './export.js';
import { defineFmt } from './fmt.js';
import { defineGet } from './get.js';
import { defineHelp } from './help.js';
import { defineImport } from './import/import.js';
import { defineInfo } from './info.js';
import { defineLogs } from './logs/logs.js';
import { defineNext } from './next.js';
import { defineNotifier } from './notifier.js';
import { defineOptions } from './options.js';
import { defineDownload } from './packages/download.js';
import { definePlugin } from './plugin.js';
import { defineHistory, defineRollout } from './rollout/rollout.js';
import { defineBackfill } from './runs/backfill.js';
import { defineCancel } from './runs/cancel.js';
import { defineRetry } from './runs/retry.js';
import { defineRun } from './runs/run.js';
import { defineSchema } from './schema.js';
import { defineSecretsKey } from './secrets-key.js';
import { defineSupportBundle } from './support/support-bundle.js';
import { defineResume, defineSuspend } from './suspend.js';
import { defineTop } from './top.js';
import { defineUi } from './ui.js';
import { defineUndelete } from './undelete.js';
import { defineValidate } from './validate.js';
import { defineVersion } from './version.js';
import { defineWait } from './wait/wait.js';
import { defineWhy } from './why.js';

/** By verb, as in the table. */
export const definitions: Readonly<Record<string, DefineCommand>> = {
  apply: defineApply,
  create: defineCreate,
  get: defineGet,
  describe: defineDescribe,
  delete: defineDelete,
  edit: defineEdit,
  explain: defineExplain,
  undelete: defineUndelete,
  validate: defineValidate,
  fmt: defineFmt,
  schema: defineSchema,
  import: defineImport,
  run: defineRun,
  cancel: defineCancel,
  retry: defineRetry,
  backfill: defineBackfill,
  suspend: defineSuspend,
  resume: defineResume,
  next: defineNext,
  logs: defineLogs,
  events: defineEvents,
  ui: defineUi,
  top: defineTop,
  wait: defineWait,
  why: defineWhy,
  audit: defineAudit,
  patch: definePatch,
  replace: defineReplace,
  clone: defineClone,
  label: defineLabel,
  annotate: defineAnnotate,
  set: defineSet,
  diff: defineDiff,
  download: defineDownload,
  export: defineExport,
  rollout: defineRollout,
  history: defineHistory,
  cordon: defineCordon,
  uncordon: defineUncordon,
  drain: defineDrain,
  rebalance: defineRebalance,
  'secrets-key': defineSecretsKey,
  notifier: defineNotifier,
  config: defineConfig,
  ctx: defineCtx,
  ns: defineNs,
  info: defineInfo,
  auth: defineAuth,
  'api-resources': defineApiResources,
  'api-versions': defineApiVersions,
  'cluster-info': defineClusterInfo,
  doctor: defineDoctor,
  'support-bundle': defineSupportBundle,
  completion: defineCompletion,
  plugin: definePlugin,
  options: defineOptions,
  version: defineVersion,
  help: defineHelp,
};
