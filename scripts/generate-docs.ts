// Writes the reference pages that are generated from tables in the code. `npm run docs` writes them; a test fails when
// one is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes, flagOf, formatDuration, type OptionTable, variableOf } from '../base/index.js';
import { agentOptions, centerOptions, coordinationOptions, upOptions } from '../cli/serve/option-tables.js';

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
  return `# Configuration of the servers\n\nEach option is a flag, a variable or a key of the YAML file named by \`--options\` or \`CTASK_OPTIONS\`. A flag beats a\nvariable, a variable beats the file, the file beats the default.\n\n${parts.join('\n')}`;
}

export const pages: Readonly<Record<string, () => string>> = {
  'errors.md': errorsPage,
  'configuration.md': configurationPage,
};

export function currentPage(name: string): string {
  return readFileSync(join(docs, name), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, page] of Object.entries(pages)) writeFileSync(join(docs, name), page());
}
