// What was in use before, for `ctask ctx -` and `ctask ns -`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Host } from '../host.js';
import { stateDirectory } from './state-directory.js';

interface Choices {
  context?: string;
  /** By context. */
  namespaces?: Record<string, string>;
}

type ChoiceHost = Pick<Host, 'env' | 'homeDir'>;

function file(host: ChoiceHost): string {
  return join(stateDirectory(host), 'previous.json');
}

export function lastChoices(host: ChoiceHost): Choices {
  try {
    const value = JSON.parse(readFileSync(file(host), 'utf8')) as Choices | null;
    return value ?? {};
  } catch {
    return {}; // nothing was chosen yet, or it cannot be read: then there is no way back
  }
}

export function rememberChoices(host: ChoiceHost, choices: Choices): void {
  try {
    mkdirSync(dirname(file(host)), { recursive: true, mode: 0o700 });
    writeFileSync(file(host), JSON.stringify({ ...lastChoices(host), ...choices }), { mode: 0o600 });
  } catch {
    // The choice itself is made; only the way back is lost.
  }
}
