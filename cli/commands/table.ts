// Every client command and the group it stands in. The order is that of the help.
import type { DefineCommand } from '../server-verbs.js';
import { defineCordon, defineUncordon } from './agents/cordon.js';
import { defineDrain } from './agents/drain.js';
import { defineRebalance } from './agents/rebalance.js';
import { defineApiResources } from './api-resources.js';
import { defineApiVersions } from './api-versions.js';
import { defineApply } from './apply.js';
import { defineAudit } from './audit/audit.js';
import { defineAuth } from './auth/auth.js';
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
import { defineEvents } from './events.js';
import { defineExplain } from './explain.js';
import { defineExport } from './export.js';
import { defineFmt } from './fmt.js';
import { defineGet } from './get.js';
import { defineHelp } from './help.js';
import { defineInfo } from './info.js';
import { defineLogs } from './logs/logs.js';
import { defineNext } from './next.js';
import { defineOptions } from './options.js';
import { definePlugin } from './plugin.js';
import { defineHistory, defineRollout } from './rollout/rollout.js';
import { defineBackfill } from './runs/backfill.js';
import { defineCancel } from './runs/cancel.js';
import { defineRetry } from './runs/retry.js';
import { defineRun } from './runs/run.js';
import { defineSchema } from './schema.js';
import { defineResume, defineSuspend } from './suspend.js';
import { defineTop } from './top.js';
import { defineUi } from './ui.js';
import { defineUndelete } from './undelete.js';
import { defineValidate } from './validate.js';
import { defineVersion } from './version.js';
import { defineWait } from './wait/wait.js';
import { defineWhy } from './why.js';

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
  readonly define: DefineCommand;
}

export const commands: readonly CommandRow[] = [
  { verb: 'apply', group: BASIC, define: defineApply },
  { verb: 'create', group: BASIC, define: defineCreate },
  { verb: 'get', group: BASIC, define: defineGet },
  { verb: 'describe', group: BASIC, define: defineDescribe },
  { verb: 'delete', group: BASIC, define: defineDelete },
  { verb: 'edit', group: BASIC, define: defineEdit },
  { verb: 'explain', group: BASIC, define: defineExplain },
  { verb: 'undelete', group: BASIC, define: defineUndelete },
  { verb: 'validate', group: FILES, define: defineValidate },
  { verb: 'fmt', group: FILES, define: defineFmt },
  { verb: 'schema', group: FILES, define: defineSchema },
  { verb: 'run', group: RUN, define: defineRun },
  { verb: 'cancel', group: RUN, define: defineCancel },
  { verb: 'retry', group: RUN, define: defineRetry },
  { verb: 'backfill', group: RUN, define: defineBackfill },
  { verb: 'suspend', group: RUN, define: defineSuspend },
  { verb: 'resume', group: RUN, define: defineResume },
  { verb: 'next', group: RUN, define: defineNext },
  { verb: 'logs', group: WATCH, define: defineLogs },
  { verb: 'events', group: WATCH, define: defineEvents },
  { verb: 'ui', group: WATCH, define: defineUi },
  { verb: 'top', group: WATCH, define: defineTop },
  { verb: 'wait', group: WATCH, define: defineWait },
  { verb: 'why', group: WATCH, define: defineWhy },
  { verb: 'audit', group: WATCH, define: defineAudit },
  { verb: 'patch', group: DEPLOY, define: definePatch },
  { verb: 'replace', group: DEPLOY, define: defineReplace },
  { verb: 'label', group: DEPLOY, define: defineLabel },
  { verb: 'annotate', group: DEPLOY, define: defineAnnotate },
  { verb: 'set', group: DEPLOY, define: defineSet },
  { verb: 'diff', group: DEPLOY, define: defineDiff },
  { verb: 'export', group: DEPLOY, define: defineExport },
  { verb: 'rollout', group: DEPLOY, define: defineRollout },
  { verb: 'history', group: DEPLOY, define: defineHistory },
  { verb: 'cordon', group: AGENTS, define: defineCordon },
  { verb: 'uncordon', group: AGENTS, define: defineUncordon },
  { verb: 'drain', group: AGENTS, define: defineDrain },
  { verb: 'rebalance', group: AGENTS, define: defineRebalance },
  { verb: 'config', group: OTHER, define: defineConfig },
  { verb: 'ctx', group: OTHER, define: defineCtx },
  { verb: 'ns', group: OTHER, define: defineNs },
  { verb: 'info', group: OTHER, define: defineInfo },
  { verb: 'auth', group: OTHER, define: defineAuth },
  { verb: 'api-resources', group: OTHER, define: defineApiResources },
  { verb: 'api-versions', group: OTHER, define: defineApiVersions },
  { verb: 'cluster-info', group: OTHER, define: defineClusterInfo },
  { verb: 'completion', group: OTHER, define: defineCompletion },
  { verb: 'plugin', group: OTHER, define: definePlugin },
  { verb: 'options', group: OTHER, define: defineOptions },
  { verb: 'version', group: OTHER, define: defineVersion },
  { verb: 'help', group: OTHER, define: defineHelp },
];
