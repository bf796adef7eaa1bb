// Fields of a kind in the layout of kubectl explain, with defaults, limits and examples besides (row C-54).
import type { FieldNode } from '../../manifests/index.js';

const WIDTH = 80;

export interface Explained {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly field: FieldNode;
}

/** `recursive`: all fields below with their types only. */
export function explanation({ group, version, kind, field }: Explained, recursive: boolean): string {
  const lines = [`GROUP:      ${group}`, `KIND:       ${kind}`, `VERSION:    ${version}`, ''];
  if (field.name !== '') {
    lines.push(`FIELD: ${field.name} <${field.type}>${field.required ? ' -required-' : ''}`, '');
    if (field.enum.length > 0) lines.push('ENUM:', ...field.enum.map((value) => `    ${value}`), '');
    if (field.default !== undefined) lines.push('DEFAULT:', `    ${shown(field.default)}`, '');
    if (field.limits.length > 0) lines.push('FORMAT:', ...field.limits.map((text) => `    ${text}`), '');
    if (field.examples.length > 0) lines.push('EXAMPLES:', ...field.examples.map((value) => `    ${shown(value)}`), '');
  }
  lines.push('DESCRIPTION:', ...wrapped(field.description, '    '));
  if (field.fields.length > 0) lines.push('', 'FIELDS:', ...(recursive ? tree(field, '  ') : list(field)));
  return `${lines.join('\n').trimEnd()}\n`;
}

function head(field: FieldNode): string {
  return `${field.name}\t<${field.type}>${field.required ? ' -required-' : ''}`;
}

function list(parent: FieldNode): string[] {
  return parent.fields.flatMap((field) => [
    `  ${head(field)}`,
    ...(field.enum.length > 0 ? [`  enum: ${field.enum.join(', ')}`] : []),
    ...(field.default === undefined ? [] : [`  default: ${shown(field.default)}`]),
    ...wrapped(field.description, '    '),
    '',
  ]);
}

function tree(parent: FieldNode, indent: string): string[] {
  return parent.fields.flatMap((field) => [
    `${indent}${head(field)}`,
    ...(field.enum.length > 0 ? [`${indent}enum: ${field.enum.join(', ')}`] : []),
    ...tree(field, `${indent}  `),
  ]);
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}
