import { readFileSync } from 'node:fs';
import { CloudTaskError, messageOf } from '../../base/index.js';
import { type CustomColumn, parseColumnsFile, parseCustomColumns } from '../output/custom-columns.js';
import { parseJsonPath } from '../output/jsonpath.js';
import { usage } from '../resources/target.js';

/** What `-o` of `get` may be. */
export type GetOutput =
  | { readonly kind: 'table'; readonly wide: boolean }
  | { readonly kind: 'name' }
  | { readonly kind: 'json' }
  | { readonly kind: 'yaml' }
  | { readonly kind: 'ndjson' }
  | { readonly kind: 'jsonpath' | 'jsonpath-as-json'; readonly template: string }
  | { readonly kind: 'custom-columns'; readonly columns: readonly CustomColumn[] };

/** The formats, as they are listed for people; the shell completes what stands before a value. */
export const OUTPUT_FORMATS = [
  'wide',
  'name',
  'json',
  'yaml',
  'ndjson',
  'jsonpath=TEMPLATE',
  'jsonpath-as-json=TEMPLATE',
  'jsonpath-file=FILE',
  'custom-columns=HEADER:PATH,…',
  'custom-columns-file=FILE',
] as const;

/** Formats of kubectl that are not here, and what to use instead (rows C-42, C-43). */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'go-template': 'go-template is not supported; use jsonpath, custom-columns or `-o json | jq`',
  'go-template-file': 'go-template is not supported; use jsonpath, custom-columns or `-o json | jq`',
  template: 'go-template is not supported; use jsonpath, custom-columns or `-o json | jq`',
  templatefile: 'go-template is not supported; use jsonpath, custom-columns or `-o json | jq`',
  kyaml: 'kyaml is not supported; use yaml',
};

/** Throws CT_USAGE that lists the formats. */
export function parseOutput(format: string | undefined): GetOutput {
  if (format === undefined || format === '') return { kind: 'table', wide: false };
  const at = format.indexOf('=');
  const name = at === -1 ? format : format.slice(0, at);
  const value = at === -1 ? '' : format.slice(at + 1);
  switch (name) {
    case 'wide':
      return { kind: 'table', wide: true };
    case 'name':
    case 'json':
    case 'yaml':
    case 'ndjson':
      return { kind: name };
    case 'jsonpath':
    case 'jsonpath-as-json':
      return template(name, value);
    case 'jsonpath-file':
      return template('jsonpath', fileOf(name, value));
    case 'custom-columns':
      return { kind: 'custom-columns', columns: parseCustomColumns(value) };
    case 'custom-columns-file':
      return { kind: 'custom-columns', columns: parseColumnsFile(fileOf(name, value), value) };
  }
  if (Object.hasOwn(ELSEWHERE, name)) throw usage(ELSEWHERE[name] ?? '');
  throw usage(
    `unable to match a printer suitable for the output format "${format}"`,
    `allowed formats are: ${OUTPUT_FORMATS.join(', ')}`,
  );
}

function template(kind: 'jsonpath' | 'jsonpath-as-json', text: string): GetOutput {
  if (text === '')
    throw usage('template format specified but no template given', `write -o ${kind}='{.metadata.name}'`);
  parseJsonPath(text); // a wrong template is told before anything is asked for
  return { kind, template: text };
}

function fileOf(name: string, file: string): string {
  if (file === '') throw usage(`-o ${name} needs a file`, `write -o ${name}=FILE`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CloudTaskError('CT_USAGE', { detail: `-o ${name}=${file}: ${messageOf(error)}`, cause: error });
  }
}
