// docs/api.md, from the table of routes, the table of kinds and the error codes.
import { errorCodes } from '../base/index.js';
import { type ApiContext, allRoutes, GROUP_PATH, type Route } from '../center/api/index.js';
import { kinds } from '../manifests/index.js';

const ROLES: Readonly<Record<Route['role'], string>> = {
  none: 'nobody is asked',
  self: 'any token',
  read: 'any token',
  agent: "an agent's or an admin's token",
  admin: "an admin's token",
};

function routeTable(routes: readonly Route[]): string {
  const rows = routes.map(
    ({ method, path, verb, role, summary }) =>
      `| \`${method}\` | \`${path
        .replace(GROUP_PATH, '…')
        .replace(/:(\w+)/g, '{$1}')
        .replace('*', '{file}')}\` | ${verb} | ${ROLES[role]} | ${summary} |`,
  );
  return `| method | path | verb | who may | what it does |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function routesByKind(): string {
  const routes = allRoutes({} as ApiContext); // of the rows only what they say is used: no handler is called
  const of = (kind: string | undefined) => routes.filter((route) => route.kind === kind);
  const parts = kinds.map(({ kind }) => `### ${kind}\n\n${routeTable(of(kind))}`);
  return `${parts.join('\n')}\n### Everything else\n\n${routeTable(of(undefined))}`;
}

function codeTable(): string {
  const reasons = new Map<number, string[]>();
  for (const { http, reason } of Object.values(errorCodes)) {
    const known = reasons.get(http) ?? [];
    reasons.set(http, known.includes(reason) ? known : [...known, reason]);
  }
  const rows = [...reasons].sort(([a], [b]) => a - b).map(([http, words]) => `| ${http} | ${words.join(', ')} |`);
  return `| code | reason |\n| --- | --- |\n${rows.join('\n')}\n`;
}

function kindTable(): string {
  const rows = kinds.map(
    ({ kind, plural, shortNames, namespaced, verbs, selectableFields }) =>
      `| ${kind} | ${[plural, ...shortNames].map((name) => `\`${name}\``).join(', ')} | ${namespaced ? 'namespace' : 'installation'} | ${verbs.join(', ')} | ${['metadata.name', ...selectableFields].map((field) => `\`${field}\``).join(', ')} |`,
  );
  return `| kind | names | belongs to a | verbs | fields for \`fieldSelector\` |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function sortedBy(): string {
  const rows = kinds.filter(({ sortableFields }) => sortableFields !== undefined);
  const fields = rows.map(
    ({ plural, sortableFields = [] }) => `${plural} by ${sortableFields.map((field) => `\`${field}\``).join(', ')}`,
  );
  return `all by \`metadata.name\`, ${fields.join('; ')}; runs and events come newest first`;
}

export function apiPage(): string {
  return `# The API

A center answers HTTP under \`${GROUP_PATH}\` (written \`…\` below) in the manner of Kubernetes; \`ctask\` uses nothing else.
\`GET /openapi/v3\` describes it for programs, with the schemas of [manifests.md](manifests.md). A request carries
\`Authorization: Bearer TOKEN\`; without a token only the health paths and the files of the console answer. Bodies are JSON. Every answer has an \`X-Request-Id\`,
which errors repeat.

## Kinds

${kindTable()}
## Objects

An object has \`apiVersion\`, \`kind\`, \`metadata\`, \`spec\` and \`status\`. \`spec\` is what users want; \`status\` is what the center and
its agents say, and is ignored in what is sent. \`metadata.generation\` grows when \`spec\` changes and with nothing else;
\`metadata.resourceVersion\` changes with every write and means nothing but "this state": sent back with a write it is a precondition, and the write
is refused with 409 when somebody else was first. A uid is never used again, also not by an object of the same name.

Fields that the schema does not know, and fields that a body gives twice, are an error that names them all (\`fieldValidation=Strict\`, the default);
with \`Warn\` they are told in \`Warning\` headers, with \`Ignore\` not at all: what is unknown is dropped, and of what is given twice the last one counts.
\`dryRun=All\` checks everything and stores nothing.

What is allowed but hardly meant is a \`Warning\` header (\`299 - "text"\`), each text once: schedules that are over, schedules that say the same. Of several
objects it names the one it means. All of them together have at most 4096 characters; the last one then counts those that found no room.

\`POST …/apply\` takes \`{"objects": [...]}\` and is one transaction: all objects, or none. It answers \`{"results": [{"operation", "object"}]}\` in the
order of the objects; the operation is \`created\`, \`configured\` or \`unchanged\`.

## Lists and watches

\`labelSelector\` and \`fieldSelector\` are as in Kubernetes (\`a=b,c in (d,e),!f\`). \`limit\` asks for pages: \`metadata.continue\` of one is the
\`continue\` of the next, and all pages are of the state of the first. A list without \`limit\` comes whole.
\`fieldSelector\` also knows \`field in (a,b)\`; \`search\` lets through the names that contain it, in lists and watches.

\`sortBy\` orders a list by a field, \`sortBy=-FIELD\` the other way round, then by name and namespace; what does not have the field comes
last. Its pages show what is stored when each is read. \`remainingItemCount\` is told up to 1,000 objects when something selects. Sorted by:
${sortedBy()}.

\`watch=1\` keeps the answer open and sends one line of JSON for each change: \`{"type": "ADDED" | "MODIFIED" | "DELETED", "object": …}\`. With
\`resourceVersion\` of a list nothing between the list and the watch is missed; without it everything that exists comes first, as ADDED. An object that leaves
the selection is DELETED, with its last state in it. \`allowWatchBookmarks=1\` asks for BOOKMARK lines, which only say how far the watch is.
A version that is not known any more is 410: list again. A watch ends after \`timeoutSeconds\`, or after half an hour.

## Errors

Whatever is not 2xx is a \`Status\`:

\`\`\`json
{
  "kind": "Status",
  "apiVersion": "v1",
  "status": "Failure",
  "message": "tasks.cloudtask.dev \\"hello\\" not found",
  "reason": "NotFound",
  "details": { "name": "hello", "group": "cloudtask.dev", "kind": "tasks" },
  "code": 404
}
\`\`\`

\`details.causes\` lists what is wrong field by field: \`{"reason", "message", "field": "spec.schedules[0].cron"}\`. Codes after which it makes
sense to try again carry \`Retry-After\` and \`details.retryAfterSeconds\`. A user who asks for more than the center's
\`--requests-per-second\` for a while is answered 429; agents are not limited. [errors.md](errors.md) has all errors with their hints.

${codeTable()}
## Routes

${routesByKind()}`;
}
