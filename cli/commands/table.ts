// Every client command and the group it stands in. The order is that of the help.
import type { DefineCommand } from '../server-verbs.js';
import { defineApiResources } from './api-resources.js';
import { defineApply } from './apply.js';
import { defineCancel } from './cancel.js';
import { defineClusterInfo } from './cluster-info.js';
import { defineConfig } from './config/config.js';
import { defineCreate } from './create.js';
import { defineDelete } from './delete.js';
import { defineDescribe } from './describe/describe.js';
import { defineEvents } from './events.js';
import { defineGet } from './get.js';
import { defineHelp } from './help.js';
import { defineLogs } from './logs.js';
import { defineNext } from './next.js';
import { defineRun } from './run.js';
import { defineResume, defineSuspend } from './suspend.js';
import { defineValidate } from './validate.js';
import { defineVersion } from './version.js';

const BASIC = 'Basic commands:';
const RUN = 'Runs:';
const WATCH = 'Watching:';
const OTHER = 'Other:';

export const commands: readonly { readonly group: string; readonly define: DefineCommand }[] = [
  { group: BASIC, define: defineApply },
  { group: BASIC, define: defineCreate },
  { group: BASIC, define: defineGet },
  { group: BASIC, define: defineDescribe },
  { group: BASIC, define: defineDelete },
  { group: BASIC, define: defineValidate },
  { group: RUN, define: defineRun },
  { group: RUN, define: defineCancel },
  { group: RUN, define: defineSuspend },
  { group: RUN, define: defineResume },
  { group: RUN, define: defineNext },
  { group: WATCH, define: defineLogs },
  { group: WATCH, define: defineEvents },
  { group: OTHER, define: defineConfig },
  { group: OTHER, define: defineApiResources },
  { group: OTHER, define: defineClusterInfo },
  { group: OTHER, define: defineVersion },
  { group: OTHER, define: defineHelp },
];
