// The program. Its help is what people ask for first and what changes only with the build, so the build writes it down;
// everything else is start.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As wide as help is when it is not for a terminal. */
const HELP_WIDTH = 100;
const HELP_FILE = 'help.txt';

function writtenHelp(): string | undefined {
  const [word, ...more] = process.argv.slice(2);
  if (more.length > 0 || (word !== undefined && !['--help', '-h', 'help'].includes(word))) return undefined;
  if (process.stdout.isTTY && process.stdout.columns < HELP_WIDTH) return undefined;
  if (typeof __dirname === 'undefined') return undefined; // run from its source
  try {
    return readFileSync(join(__dirname, HELP_FILE), 'utf8');
  } catch {
    return undefined; // during the build, which is about to write it
  }
}

const help = writtenHelp();
if (help === undefined) void import('./start.js');
else {
  // `ctask --help | head -1`: the reader has had enough.
  process.stdout.on('error', () => process.exit(0));
  process.stdout.write(help);
}
