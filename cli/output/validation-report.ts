// What `ctask validate` found, in the forms that other programs read (row G-03).
import type { ParseResult, Problem } from '../../manifests/index.js';

export interface ValidatedObject {
  readonly file: string;
  /** Number of the document in the file, from 1. */
  readonly document: number;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Validated {
  /** All files, also those without documents. */
  readonly files: readonly string[];
  readonly objects: readonly ValidatedObject[];
  readonly problems: readonly Problem[];
  /** Documents that are not empty. */
  readonly total: number;
}

export type ReportFormat = 'json' | 'github' | 'sarif' | 'junit';

const formats: Readonly<Record<ReportFormat, (validated: Validated, version: string) => string>> = {
  json: jsonReport,
  github: githubReport,
  sarif: sarifReport,
  junit: junitReport,
};

export function validationReport(format: ReportFormat, validated: Validated, version: string): string {
  return formats[format](validated, version);
}

export const problemsOf = (results: readonly ParseResult[]): Problem[] => results.flatMap(({ problems }) => problems);

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

function jsonReport({ objects, problems, total }: Validated): string {
  return json({
    valid: !problems.some(({ severity }) => severity === 'error'),
    documents: total,
    objects,
    problems: problems.map(({ excerpt: _, ...problem }) => problem),
  });
}

/** Workflow commands: GitHub shows them at the lines of a pull request. */
function githubReport({ problems }: Validated): string {
  return problems
    .map(({ file, line, column, severity, reason, message }) => {
      const at = `file=${property(file)},line=${line},col=${column},title=${property(reason)}`;
      return `::${severity} ${at}::${data(message)}\n`;
    })
    .join('');
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** SARIF 2.1.0 (OASIS), the subset that code scanning reads. */
function sarifReport({ problems }: Validated, version: string): string {
  const rules = [...new Set(problems.map(({ reason }) => reason))].sort();
  return json({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ctask', semanticVersion: version, rules: rules.map((id) => ({ id })) } },
        results: problems.map(({ file, line, column, severity, reason, message }) => ({
          ruleId: reason,
          level: severity,
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: file.split(/[\\/]/).map(encodeURIComponent).join('/') },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  });
}

/** One suite per file, one case per document; what is only suspicious is output of its case. */
function junitReport({ files, objects, problems }: Validated): string {
  const suites = files.map((file) => {
    const own = problems.filter((problem) => problem.file === file);
    const cases = junitCases(
      file,
      objects.filter((object) => object.file === file),
      own,
    );
    const failures = new Set(own.filter(({ severity }) => severity === 'error').map(({ document }) => document)).size;
    const head = `  <testsuite name="${xml(file)}" tests="${cases.length}" failures="${failures}">`;
    return [head, ...cases, '  </testsuite>'].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ctask validate">\n${suites.map((suite) => `${suite}\n`).join('')}</testsuites>\n`;
}

function junitCases(file: string, objects: readonly ValidatedObject[], problems: readonly Problem[]): string[] {
  const names = new Map<number, string>();
  for (const { document, kind, namespace, name } of objects) {
    const full = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    names.set(document, names.has(document) ? `${names.get(document)}, ${full}` : full);
  }
  for (const { document } of problems)
    if (!names.has(document)) names.set(document, document === 0 ? 'the file' : `document ${document}`);
  return [...names]
    .sort(([a], [b]) => a - b)
    .map(([document, name]) => {
      const own = problems.filter((problem) => problem.document === document);
      const lines = own.map(({ line, column, message, severity, reason }) => {
        const text = xml(`${file}:${line}:${column}: ${message}`);
        return severity === 'error'
          ? `      <failure type="${xml(reason)}" message="${xml(message)}">${text}</failure>`
          : `      <system-out>warning: ${text}</system-out>`;
      });
      const open = `    <testcase classname="${xml(file)}" name="${xml(name)}"`;
      return lines.length === 0 ? `${open}/>` : [`${open}>`, ...lines, '    </testcase>'].join('\n');
    });
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters may not stand in XML at all. */
function xml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '').replace(/[\p{Cc}]/gu, ' ');
}
