// Writes the reference pages that are generated from tables in the code. `npm run docs` writes them; a test fails when
// one is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DURATION_PATTERN, errorCodes, flagOf, formatDuration, type OptionTable, variableOf } from '../base/index.js';
import { agentOptions, centerOptions, coordinationOptions, upOptions } from '../cli/serve/option-tables.js';
import { jsonSchema, kinds } from '../manifests/index.js';
import { apiPage } from './api-page.js';
import { cliPage } from './cli-page.js';
import { eventsPage } from './events-page.js';
import { keysPage } from './keys-page.js';
import { metricsPage } from './metrics-page.js';
import { semanticsPage } from './semantics-page.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, row]) => {
    const hint = row.hint === undefined ? '' : `\n\nHint: ${row.hint}.`;
    const again = row.retryable ? 'Trying again can help.' : 'Trying again does not help.';
    return `## ${code}\n\n${row.meaning[0]!.toUpperCase()}${row.meaning.slice(1)}. HTTP ${row.http} (${row.reason}), exit code ${row.exit}. ${again}${hint}\n`;
  });
  return `# Errors\n\nEvery error that CloudTask reports has one of these codes.\n\n${rows.join('\n')}`;
}

function optionTable(title: string, table: OptionTable): string {
  const rows = table.map((row) => {
    const value =
      row.type === 'duration' && typeof row.default === 'number' ? formatDuration(row.default) : row.default;
    const shown = value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    return `| \`${flagOf(row.name)}\` | \`${variableOf(row.name)}\` | \`${row.name}\` | ${row.type} | ${shown} | ${row.description} |`;
  });
  return `## ${title}\n\n| flag | variable | key in the file | type | default | meaning |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function configurationPage(): string {
  const parts = [
    optionTable('ctask up', upOptions),
    optionTable('ctask center', centerOptions),
    optionTable('ctask agent', agentOptions),
    optionTable('ctask coordination', coordinationOptions),
  ];
  return `# Configuration of the servers\n\nEach option is a flag, a variable or a key of the YAML file named by \`--options\` or \`CTASK_OPTIONS\`. A flag beats a\nvariable, a variable beats the file, the file beats the default.\n\nThe center and the agents that \`ctask up\` starts read its environment too: a variable of theirs counts for them, unless \`ctask up\`\nsays it itself (directories, addresses, tokens). Its file of options is its own. \`ctask backup\` and \`ctask restore\` read the file and the variables of a center,\nand have flags for where it keeps what is backed up ([backup.md](backup.md)).\n\n${parts.join('\n')}`;
}

interface JsonNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonNode>>;
  readonly patternProperties?: Readonly<Record<string, JsonNode>>;
  readonly items?: JsonNode;
  readonly required?: readonly string[];
}

const DURATIONS = new RegExp(DURATION_PATTERN);

function typeOf(node: JsonNode): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.type === 'array')
    return `list of ${node.items?.properties === undefined ? typeOf(node.items ?? {}) : 'maps'}`;
  if (node.type === 'object') return node.properties === undefined ? 'map of strings' : 'map';
  if (node.pattern === DURATIONS.source) return 'duration, e.g. `5m`';
  if (node.format === 'date-time') return 'time (RFC 3339)';
  return node.type ?? 'any';
}

/** A row per field, depth first: `schedules[].cron`. */
function fieldRows(node: JsonNode, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const full = path === '' ? name : `${path}.${name}`;
    const plain = field.default === undefined || typeof field.default === 'object' ? '' : `\`${field.default}\``;
    const fallback = node.required?.includes(name) && field.default === undefined ? 'required' : plain;
    const meaning = (field.description ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ');
    const row = `| \`${full}\` | ${typeOf(field).replaceAll('|', '\\|')} | ${fallback} | ${meaning} |`;
    const inner = field.type === 'array' ? fieldRows(field.items ?? {}, `${full}[]`) : fieldRows(field, full);
    return [row, ...inner];
  });
}

function fieldTable(node: JsonNode): string {
  const rows = fieldRows(node, '');
  if (rows.length === 0) return 'No fields.\n';
  return `| field | type | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function manifestsPage(): string {
  const parts = kinds
    .filter(({ applicable }) => applicable)
    .map(({ kind }) => {
      const schema = jsonSchema(kind) as JsonNode;
      return `## ${kind}\n\n${schema.description}\n\n### spec\n\n${fieldTable(schema.properties?.spec ?? {})}`;
    });
  return `# Manifests

Every document of a manifest has \`apiVersion: cloudtask.dev/v1\`, a \`kind\`, \`metadata\` with a \`name\` (and \`namespace\`, \`labels\`,
\`annotations\` if wanted) and a \`spec\`, which may be left out where nothing in it is required. Below are the fields of each
spec, with their defaults. A field written \`a[].b\` is field \`b\` of each entry of the list \`a\`. \`ctask validate -f FILE\` checks a
manifest without a server; [schedules.md](schedules.md) has the rules of time.

## metadata.generateName

For objects that are made again and again, a manifest may have the beginning of a name instead of a name: \`ctask create -f\` (and POST) then
adds five random characters, \`generateName: report-\` becomes \`report-x7k2m\`, and says the name that came of it (\`-o name\`). A prefix
that leaves no room for them is cut: names of tasks have at most 52 characters, generated names of other kinds 63. When eight names in a
row are taken the answer is 409. \`ctask apply\` refuses such manifests: it finds objects by their names, so each apply would make another
object. Whoever does not know the outcome of a create looks before trying again; \`ctask\` never sends one twice.

${parts.join('\n')}
## What a process finds in its environment

| variable | value |
| --- | --- |
| \`CTASK_RUN_ID\` | uid of the run: the same for all its attempts |
| \`CTASK_TASK\`, \`CTASK_NAMESPACE\` | name and namespace of the task |
| \`CTASK_SCHEDULED_TIME\` | the time point, RFC 3339; not set in a run on demand |
| \`CTASK_CAUSED_BY\` | names of the runs that have caused this one (\`spec.after\`), comma-separated; not set otherwise |
| \`CTASK_ATTEMPT\` | 1 for the first attempt |
| \`CTASK_SLOT\` | empty for an ordinary task |
| \`TRACEPARENT\` | the attempt's span, where runs are traced ([traces.md](traces.md)) and the task does not set it |

Besides them it gets the few variables that every process of the machine needs (\`PATH\`, \`HOME\`, the language) and those of \`spec.run.env\`,
nothing else of the agent's. It starts in an empty directory of its own unless \`spec.run.workingDir\` says otherwise; that directory
goes when its output has reached the center. Its stop signal is SIGTERM, after \`gracePeriod\` SIGKILL, both to everything it started.
A stop of \`ctask up\` (Ctrl-C) ends the runs in progress too: they are Cancelled with reason AgentStopped and not run again. An agent that
runs by itself (\`ctask agent\`) leaves its processes alone when it is stopped, and takes them up again when it is back.
`;
}

export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  'api.md': apiPage,
  'cli.md': cliPage,
  'errors.md': errorsPage,
  'configuration.md': configurationPage,
  'dashboard-keys.md': keysPage,
  'events.md': eventsPage,
  'manifests.md': manifestsPage,
  'metrics.md': metricsPage,
  'semantics.md': semanticsPage,
};

export function currentPage(name: string): string {
  return readFileSync(join(docs, name), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, page] of Object.entries(pages)) writeFileSync(join(docs, name), await page());
}
