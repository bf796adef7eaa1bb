// The mail of a job: who was told of what, and the notifier that the tasks of a namespace name for it.
import { isEmailAddress, type Notifier, type Task } from '../../../manifests/index.js';
import type { OriginalJob } from './original-job.js';

/** Name of the notifier in each namespace whose tasks need one. */
export const MAIL_NOTIFIER = 'mail';
/** There was one mail server for all, and only the center's configuration named it. */
const DRAFT = { host: 'mail.example.com', from: 'CloudTask <cloudtask@example.com>' };

const EVENTS = { failed: ['Failed', 'Lost'], succeed: ['Succeeded'] } as const;

/** Entries of spec.notify; none for a job that told nobody. */
export function notifyOf({ notify }: OriginalJob): NonNullable<Task['spec']['notify']> {
  return (['failed', 'succeed'] as const).flatMap((outcome) => {
    const { to = [], subject, content } = notify[outcome] ?? {};
    const addresses = to.filter(isEmailAddress);
    if (addresses.length === 0) return [];
    const words = { ...(subject ? { subject } : {}), ...(content ? { text: content } : {}) };
    return [{ notifier: MAIL_NOTIFIER, on: [...EVENTS[outcome]], to: addresses, ...words }];
  });
}

/** What stood there and is no address. */
export function badAddresses({ notify }: OriginalJob, outcome: 'failed' | 'succeed'): string[] {
  return (notify[outcome]?.to ?? []).filter((one) => !isEmailAddress(one));
}

/** To be completed with the mail server of the center's yaml. `to`: whom a test of it shall reach. */
export function draftNotifier(namespace: string, to: string): Notifier {
  return {
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: MAIL_NOTIFIER, namespace } },
    spec: { description: 'Mail of the jobs', email: { ...DRAFT, to: [to] } },
  };
}
