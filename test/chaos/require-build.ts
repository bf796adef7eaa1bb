import { existsSync } from 'node:fs';
import { program } from '../support/ctask.js';

/** Why the built program cannot be run; undefined when it can. */
export function requireBuild(): string | undefined {
  return existsSync(program) ? undefined : 'there is no build: npm run build';
}
