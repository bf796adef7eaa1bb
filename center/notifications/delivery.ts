// One try: what a notifier is told, by mail or by requests. When it is tried, and what becomes of it, is for notifications.ts.
import { messageOf } from '../../base/index.js';
import type { Notifier } from '../../manifests/index.js';
import type { Leadership } from '../controllers/leadership.js';
import type { SealedValue } from '../store/index.js';
import { batchId } from '../store/notifications/batch-id.js';
import { subjectOf } from '../store/notifications/line-up.js';
import type { Notification, NotificationBatch, NotifierKey } from '../store/notifications/notification-book.js';
import { composeMail, MAIL_IN_FULL } from './compose-mail.js';
import { DeliveryError } from './delivery-error.js';
import { newsWords } from './describe-news.js';
import { WEBHOOK_FORMATS } from './formats/index.js';
import type { WebhookAbout } from './formats/webhook-format.js';
import { inParts } from './in-parts.js';
import { newsContexts } from './news-contexts.js';
import { withRuns } from './news-summary.js';
import { oneLine } from './plain-text.js';
import { sendMail } from './send-mail.js';
import { sendWebhook } from './send-webhook.js';

type Webhook = NonNullable<Notifier['spec']['webhook']>;

export interface SecretOpener {
  unseal(values: readonly SealedValue[]): Promise<Map<string, Record<string, string>>>;
}

export interface DeliveryOptions {
  readonly secrets: SecretOpener;
  /** Hosts that may be reached though they are not of the internet: `host`, `host:port`, or `*`. */
  readonly allowed: readonly string[];
  /** How people reach the center, for links to its console. */
  readonly externalUrl?: string | undefined;
}

export interface Delivered {
  /** A sentence about recipients that were refused while others were not. */
  readonly refused: string | undefined;
}

export class Delivery {
  private readonly center: Pick<Leadership, 'store' | 'clock'>;
  private readonly options: DeliveryOptions;
  private readonly signal: AbortSignal;

  /** @param signal cuts off what is on its way */
  constructor(center: Delivery['center'], options: DeliveryOptions, signal: AbortSignal) {
    this.center = center;
    this.options = options;
    this.signal = signal;
  }

  /** `notifications`: those of the batch that are told. What fails is what it gives. */
  async deliver(
    { namespace, notifier }: NotifierKey,
    object: Notifier | undefined,
    batch: NotificationBatch,
    notifications: readonly Notification[],
  ): Promise<Delivered | DeliveryError> {
    const { id, recipients, fixed } = batch;
    const about = { id, namespace, notifier };
    const ways = { allowed: this.options.allowed, signal: this.signal };
    try {
      if (object === undefined) throw new DeliveryError('the notifier does not exist', { certain: true });
      const { email, webhook } = object.spec;
      if (notifications.length === 0) return { refused: undefined };
      if (webhook !== undefined) {
        await this.callWebhook(about, fixed, webhook, notifications);
        return { refused: undefined };
      }
      if (email === undefined) throw new DeliveryError('the notifier names no way to send', { certain: true });
      const password = await this.secretValue(namespace, email.passwordFrom);
      const from = { from: email.from, externalUrl: this.options.externalUrl };
      const mail = composeMail(
        { ...about, ...from },
        notifications,
        await newsContexts(notifications, MAIL_IN_FULL, this.sources),
      );
      const to = [...new Set(recipients.flatMap((one) => (one === '' ? email.to : [one])))];
      const refused = await sendMail(mail, { ...ways, email, to, ...(password === undefined ? {} : { password }) });
      return { refused };
    } catch (error) {
      if (error instanceof DeliveryError) return error;
      // What reads a secret or the store failed before anything was sent.
      return new DeliveryError(oneLine(messageOf(error), 300), { certain: true });
    }
  }

  private async callWebhook(
    about: WebhookAbout,
    fixed: boolean,
    { url, urlFrom, secretFrom, format: name = 'CloudTask' }: Webhook,
    notifications: readonly Notification[],
  ): Promise<void> {
    const format = WEBHOOK_FORMATS[name];
    const secret = (await this.secretValue(about.namespace, secretFrom))?.trim();
    const hidden = await this.secretValue(about.namespace, urlFrom);
    const target = hidden?.trim() ?? url ?? format.url;
    if (target === undefined) throw new DeliveryError('the webhook names no URL', { certain: true });
    const contexts = await newsContexts(notifications, format.outputs ?? MAIL_IN_FULL, this.sources);
    const words = notifications.map((one, index) => newsWords(one, contexts[index]!));
    const named = format.incidents ? words : withRuns(words);
    const told = notifications.map((one, index) => ({ one, words: named[index]! }));
    const { clock } = this.center;
    const send = async (part: readonly (typeof told)[number][]): Promise<void> => {
      const alone = part.map(({ one }) => one);
      const id = batchId(about, alone);
      // It may have been told as what it was a part of.
      const ones = fixed && id !== about.id ? alone.map((one) => toldBefore(one, about.id)) : alone;
      const words = part.map((each) => each.words);
      const messages = format.compose({
        about: { ...about, id },
        notifications: ones,
        words,
        secret,
        now: clock.now(),
      });
      await sendWebhook(messages, {
        ...{ url: target, allowed: this.options.allowed, signal: this.signal },
        // A URL that is a secret is in no error.
        ...(urlFrom === undefined ? {} : { label: `the URL in secret "${urlFrom.secret}"` }),
        ...(format.errcode === undefined ? {} : { errcode: format.errcode }),
      });
    };
    if (format.incidents) await send(told);
    else
      await inParts(
        told,
        ({ one }) => subjectOf(one.facts, one.id),
        send,
        () => clock.monotonic(),
      );
  }

  private async secretValue(
    namespace: string,
    from: { readonly secret: string; readonly key: string } | undefined,
  ): Promise<string | undefined> {
    if (from === undefined) return undefined;
    const values = await this.center.store.secrets.values([{ namespace, name: from.secret }]);
    const opened = await this.options.secrets.unseal(values);
    const value = opened.get(`${namespace}/${from.secret}`)?.[from.key];
    if (value === undefined) {
      const is = await this.center.store.get({ kind: 'Secret', namespace, name: from.secret });
      const why =
        is === undefined ? `there is no secret "${from.secret}"` : `secret "${from.secret}" has no value "${from.key}"`;
      throw new DeliveryError(why, { certain: true });
    }
    return value;
  }

  private get sources() {
    return { store: this.center.store, externalUrl: this.options.externalUrl };
  }
}

export function keepsIncidents(object: Notifier | undefined): boolean {
  const { format = 'CloudTask' } = object?.spec.webhook ?? {};
  return WEBHOOK_FORMATS[format].incidents === true;
}

function toldBefore(one: Notification, batch: string): Notification {
  return { ...one, facts: { ...one.facts, perhapsToldIn: [...(one.facts.perhapsToldIn ?? []), batch] } };
}
