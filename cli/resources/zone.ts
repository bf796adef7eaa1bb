// Time zones as people type them after --timezone.
import { isCloudTaskError } from '../../base/index.js';
import { usage } from './target.js';

/** @throws CloudTaskError CT_USAGE for what is no time zone, with the one that was probably meant */
export async function checkZone(timeZone: string): Promise<void> {
  const { nextTimes } = await import('../heavy/manifests.js');
  try {
    nextTimes({ cron: '@daily', timeZone, from: 0, count: 1 });
  } catch (error) {
    if (isCloudTaskError(error, 'CT_SCHEDULE_INVALID')) throw await noZone(timeZone);
    throw error;
  }
}

export async function noZone(timeZone: string): Promise<Error> {
  const { zoneSuggestion } = await import('../heavy/manifests.js');
  return usage(`--timezone "${timeZone}" is not an IANA time zone such as Europe/Berlin${zoneSuggestion(timeZone)}`);
}
