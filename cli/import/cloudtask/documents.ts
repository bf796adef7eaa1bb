// What exports of CloudTask 2 look like: the jobs alone, or with runtimes and groups; one JSON text, or a document a line as
// mongoexport writes it.
import { CloudTaskError, messageOf } from '../../../base/index.js';

export interface Documents {
  readonly jobs: readonly unknown[];
  /** Names of groups by their ids. */
  readonly groups: ReadonlyMap<string, string>;
  /** Names of servers by their addresses, by runtime. */
  readonly servers: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Where the first job stands in the whole: before the number of a job. */
  readonly path: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const asFields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const asArray = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(asFields) : []);

/** Throws CT_MANIFEST_SYNTAX for what is no JSON, CT_USAGE for JSON of another form. */
export function readDocuments(text: string, file: string): Documents {
  const whole = parseJson(text, file);
  const { jobs = [], groups, locations } = Array.isArray(whole) ? { jobs: whole } : (whole as Record<string, unknown>);
  if (!Array.isArray(jobs) || (!Array.isArray(whole) && !('jobs' in (whole as object)))) {
    throw new CloudTaskError('CT_USAGE', {
      detail: `${file} has no jobs`,
      hint: 'give an array of jobs, or an object with jobs and, if you like, locations and groups',
    });
  }
  const runtimes = asArray(locations);
  const all = [...asArray(groups), ...runtimes.flatMap(({ group }) => asArray(group))];
  return {
    jobs,
    groups: new Map(all.map(({ id, name }) => [String(id), String(name)])),
    servers: new Map(
      runtimes.map(({ location, server }) => [
        String(location),
        new Map(asArray(server).flatMap(({ name, ipaddr }) => (name ? [[String(ipaddr), String(name)] as const] : []))),
      ]),
    ),
    path: Array.isArray(whole) ? [] : ['jobs'],
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    try {
      if (lines.length > 1) return lines.map((line) => JSON.parse(line) as unknown);
    } catch {
      // The first error tells more about a text that is nearly JSON.
    }
    throw syntaxError(messageOf(error), text, file, error);
  }
}

/** What the parser says, with line and column in place of a position, where it tells one. */
function syntaxError(message: string, text: string, file: string, cause: unknown): CloudTaskError {
  const [said = '', position] = /^(.*?)(?: in JSON)? at position (\d+)/s.exec(message)?.slice(1) ?? [message];
  const before = position === undefined ? undefined : text.slice(0, Number(position)).split('\n');
  const place = before === undefined ? '' : `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  return new CloudTaskError('CT_MANIFEST_SYNTAX', { subject: `${file}${place}`, detail: said, cause });
}
