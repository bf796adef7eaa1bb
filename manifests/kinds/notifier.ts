// Where notifications go, and how. Who is told of what stands in spec.notify of tasks, namespaces and clusters.
import { type Static, Type } from '@sinclair/typebox';
import { WEEKDAYS } from './calendar-words.js';
import { Duration, kindSchema, NAME_PATTERN, Timestamp } from './metadata.js';
import { NOTIFY_EVENTS, Recipients } from './notify.js';

const SecretKey = (description: string) =>
  Type.Object(
    {
      secret: Type.String({ pattern: NAME_PATTERN, description: 'Name of a Secret of the same namespace.' }),
      key: Type.String({ minLength: 1, description: 'Key of the value in that Secret.' }),
    },
    { additionalProperties: false, description },
  );

const Email = Type.Object(
  {
    host: Type.String({
      format: 'mail-host',
      maxLength: 253,
      description:
        'Name or address of the mail server, without a port. One with an address that is not of the internet must be among those that the center allows (--notify-allow).',
    }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_535,
        description: 'Port of the mail server; by tls 587 (StartTls), 465 (Tls) or 25 (None).',
      }),
    ),
    tls: Type.Optional(
      Type.Union([Type.Literal('StartTls'), Type.Literal('Tls'), Type.Literal('None')], {
        default: 'StartTls',
        description:
          'StartTls: the connection is encrypted before anything is said, or given up. Tls: from the first byte. None: never.',
      }),
    ),
    user: Type.Optional(Type.String({ minLength: 1, maxLength: 253, description: 'Name to log in with.' })),
    passwordFrom: Type.Optional(SecretKey('Password to log in with.')),
    from: Type.String({ format: 'mailbox', maxLength: 320, description: 'Address that the mail comes from.' }),
    to: Recipients('Addresses that get the mail, unless the entry that names this Notifier has its own.'),
  },
  { additionalProperties: false, description: 'Sends mail by SMTP.' },
);

export const WEBHOOK_FORMATS = ['CloudTask', 'Slack', 'Teams', 'DingTalk', 'WeCom', 'PagerDuty'] as const;

const Webhook = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        format: 'http-url',
        maxLength: 2048,
        description:
          'Where JSON is sent by POST. Plain http, ports other than 443, and addresses that are not of the internet, only where the center allows them (--notify-allow). PagerDuty needs none.',
      }),
    ),
    urlFrom: Type.Optional(
      SecretKey('The URL, where it is a credential, as with Slack, Teams, DingTalk and WeCom: nothing shows it.'),
    ),
    format: Type.Optional(
      Type.Union(
        WEBHOOK_FORMATS.map((format) => Type.Literal(format)),
        { default: 'CloudTask', description: 'Whom the JSON is made for.' },
      ),
    ),
    secretFrom: Type.Optional(
      SecretKey(
        'CloudTask: key of the signature, HMAC-SHA256 over the time and the body. DingTalk: secret of the robot. PagerDuty: the routing key.',
      ),
    ),
  },
  { additionalProperties: false, description: 'Sends JSON by HTTP.' },
);

const TimeOfDay = (description: string, example: string) =>
  Type.String({ format: 'time-of-day', description, examples: [example] });

export const QuietHours = Type.Object(
  {
    from: TimeOfDay('When it begins.', '22:00'),
    to: TimeOfDay('When it ends; on the next day unless later than "from".', '07:00'),
    timeZone: Type.Optional(
      Type.String({ format: 'time-zone', default: 'UTC', description: 'IANA zone of the clock that counts.' }),
    ),
    weekdays: Type.Optional(
      Type.Array(Type.Union(WEEKDAYS.map((day) => Type.Literal(day))), {
        minItems: 1,
        maxItems: 7,
        description: 'Days on which it begins; every day unless given.',
      }),
    ),
    except: Type.Optional(
      Type.Array(Type.Union(NOTIFY_EVENTS.map((event) => Type.Literal(event))), {
        minItems: 1,
        description: 'What is told all the same.',
      }),
    ),
  },
  { additionalProperties: false, description: 'A time of the day in which nothing is sent.' },
);
export type QuietHours = Static<typeof QuietHours>;

export const Notifier = kindSchema(
  'Notifier',
  'A way to tell people or programs what has happened.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the notifier is for.' })),
      email: Type.Optional(Email),
      webhook: Type.Optional(Webhook),
      groupWait: Type.Optional(
        Duration('What happens within this time of the first event goes out together.', { default: '30s' }),
      ),
      quiet: Type.Optional(
        Type.Array(QuietHours, {
          maxItems: 16,
          description: 'When nothing is sent: what happens then goes out together at the end. Tests are sent.',
        }),
      ),
    },
    { additionalProperties: false, description: 'What the user wants.' },
  ),
  Type.Object(
    {
      pending: Type.Optional(Type.Integer({ description: 'Notifications that wait to be sent.' })),
      sent: Type.Optional(Type.Integer({ description: 'Notifications that were sent in the last seven days.' })),
      failed: Type.Optional(
        Type.Integer({ description: 'Notifications of the last seven days that were given up after a day of trying.' }),
      ),
      lastSentTime: Type.Optional(Timestamp('When something was sent last.')),
      lastError: Type.Optional(
        Type.String({ description: 'Why the latest try failed; absent after one that did not.' }),
      ),
      lastErrorTime: Type.Optional(Timestamp('When that was.')),
    },
    { additionalProperties: false, description: 'What the center observed.' },
  ),
);
export type Notifier = Static<typeof Notifier>;
