// How far back an audit looks.
import type { Command } from 'commander';
import { parseDuration } from '../../../base/index.js';
import { usage } from '../../resources/target.js';

/** @param more behind the words of the flag */
export function addSince(command: Command, more = ''): Command {
  return command.option('--since <duration>', `how far to look back${more}`, '24h');
}

/** ms; 0 for `0`. Throws CT_USAGE. */
export function parseSince(text: string): number {
  const ms = text === '0' ? 0 : parseDuration(text);
  if (ms === undefined || ms < 0) throw usage(`--since "${text}" is not a duration such as 24h`);
  return ms;
}
