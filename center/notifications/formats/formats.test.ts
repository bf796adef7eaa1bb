// What each service is sent, as files (test/golden/notifications): changed on purpose only.
import { createHmac } from 'node:crypto';
import t from 'tap';
import { golden } from '../../../test/support/golden.js';
import { agentNews, NEWS_TIME, type News, runNews, testNews } from '../../../test/support/news.js';
import { newsWords } from '../describe-news.js';
import { lastLines } from '../plain-text.js';
import { signatureOf } from './cloudtask.js';
import { WEBHOOK_FORMATS } from './index.js';

const about = { id: 'f00d', namespace: 'billing', notifier: 'chat' };
type Name = keyof typeof WEBHOOK_FORMATS;

const compose = (name: Name, news: readonly News[], secret?: string) =>
  WEBHOOK_FORMATS[name].compose({
    about,
    notifications: news.map(({ notification }) => notification),
    words: news.map(({ notification, context }) => newsWords(notification, context)),
    ...{ secret, now: NEWS_TIME + 120_000 },
  });

const failing = { since: NEWS_TIME - 7_200_000, runs: 3 };
const output = ['reading 12,408 payments', 'account 4711: balance differs by 0.03', 'giving up'];
const text = 'Look at the queue first, then call Ann.';
const one = () => [runNews('Failed', { failing, text }, output)];
const some = () => [
  ...one(),
  runNews('Missed', { state: 'Missed', task: 'previews', name: 'previews-1', reason: 'StartingDeadline' }),
  agentNews('AgentOffline'),
  runNews('Recovered', { state: 'Succeeded', failing, task: 'report', name: 'report-9', exitCode: 0 }),
  ...Array.from({ length: 25 }, (_, n) => runNews('Failed', { task: `job-${n}`, name: `job-${n}-1` })),
];

for (const name of Object.keys(WEBHOOK_FORMATS) as Name[]) {
  t.test(`${name}: one event, many events, a test`, async (t) => {
    const all = [
      ['one', one()],
      ['many', some()],
      ['test', [testNews()]],
    ] as const;
    for (const [what, news] of all) {
      const messages = compose(name, news, 'hunter2').map(({ body, of: _, ...rest }) => ({
        ...rest,
        body: JSON.parse(body) as unknown,
      }));
      golden(t, `notifications/${name.toLowerCase()}-${what}.json`, `${JSON.stringify(messages, undefined, 1)}\n`);
    }
  });
}

const EVIL =
  '<!channel> <@all> [click](http://evil.example) ![x](http://evil.example/x.png) ``` *b* & <https://evil.example|here> <script>\u202e\u001b[31m @everyone\n# big\r\n> said';
const hostile = () => [
  runNews(
    'Failed',
    { message: EVIL, agent: EVIL, reason: EVIL, text: EVIL, subject: EVIL },
    lastLines(Buffer.from(EVIL), { lines: 20, width: 200 }),
  ),
];

t.test('hostile texts are neither links, nor mentions, nor the end of a block', async (t) => {
  const bodies = Object.fromEntries(
    (Object.keys(WEBHOOK_FORMATS) as Name[]).map((name) => [name, compose(name, hostile())[0]!.body]),
  ) as Record<Name, string>;
  const mrkdwn = [...bodies.Slack.matchAll(/\{"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)","verbatim":true\}/g)].map(
    ([, words]) => JSON.parse(`"${words}"`) as string,
  );
  t.ok(mrkdwn.length >= 4);
  for (const words of mrkdwn) {
    for (const [, target] of words.matchAll(/<([^|>]*)/g)) t.match(target, /^https:\/\/tasks\.example\.com\//, words);
    t.equal(words.split('```').length % 2, 1, 'a block that begins ends');
  }
  t.match(JSON.parse(bodies.Slack).text, '&lt;!channel&gt;');
  const card = (JSON.parse(bodies.Teams) as { attachments: { content: { body: { type: string }[] } }[] })
    .attachments[0]!;
  t.same([...new Set(card.content.body.map(({ type }) => type))], ['RichTextBlock'], 'which knows no Markdown');
  for (const name of ['DingTalk', 'WeCom'] as const) {
    const { markdown } = JSON.parse(bodies[name]) as { markdown: { text?: string; content?: string; title?: string } };
    const says = `${markdown.title}\n${markdown.text ?? markdown.content}`;
    t.same(
      [...says.matchAll(/\]\(([^)]*)\)/g)].filter(([, target]) => !target!.startsWith('https://tasks.')),
      [],
      name,
    );
    t.notMatch(says.replace(/<font color="\w+">|<\/font>/g, ''), /[<`]|@all>/, name);
    for (const line of says.split('\n').slice(2)) t.notMatch(line, /^#/, name);
  }
  for (const [name, body] of Object.entries(bodies)) {
    if (name !== 'CloudTask') t.notMatch(body, /\\u202e|\u202e|\\u001b/, name);
  }
});

t.test('what a service takes at most', async (t) => {
  const long = 'ä'.repeat(4_000);
  const news = [
    runNews(
      'Failed',
      { message: long, text: long },
      Array.from({ length: 20 }, () => long),
    ),
    ...some(),
  ];
  const { blocks } = JSON.parse(compose('Slack', news)[0]!.body) as {
    blocks: { type: string; text?: { text: string }; fields?: { text: string }[] }[];
  };
  t.ok(blocks.length <= 50);
  for (const { type, text: words, fields = [] } of blocks) {
    t.ok((words?.text.length ?? 0) <= (type === 'header' ? 150 : 3_000));
    t.ok(fields.length <= 10);
  }
  t.ok(Buffer.byteLength(compose('Teams', news)[0]!.body) <= 28 * 1024);
  const cjk = '任'.repeat(4_000);
  const wide = Array.from({ length: 60 }, (_, n) =>
    runNews(
      'Failed',
      { task: `${n}${'t'.repeat(250)}`, message: cjk, text: cjk },
      Array.from({ length: 20 }, () => cjk),
    ),
  );
  const card = compose('Teams', wide)[0]!.body;
  t.ok(Buffer.byteLength(card) <= 28 * 1024, `${Buffer.byteLength(card)}`);
  t.match(card, /60 events|and \d+ more/);
  t.ok(Buffer.byteLength(compose('DingTalk', wide)[0]!.body) <= 20_000);
  const { markdown } = JSON.parse(compose('WeCom', news)[0]!.body) as { markdown: { content: string } };
  t.ok(Buffer.byteLength(markdown.content) <= 4_096);
  t.notMatch(markdown.content, '\ufffd');
  t.ok(Buffer.byteLength(compose('DingTalk', news)[0]!.body) <= 20_000);
});

t.test('signatures', async (t) => {
  const [own] = compose('CloudTask', one(), 'hunter2');
  t.equal(own!.headers?.['cloudtask-signature'], signatureOf('hunter2', NEWS_TIME / 1000 + 120, own!.body));
  t.not(own!.headers?.['cloudtask-signature'], signatureOf('hunter2', NEWS_TIME / 1000 + 120, `${own!.body} `));
  t.notOk(compose('CloudTask', one())[0]!.headers?.['cloudtask-signature']);
  const [ding] = compose('DingTalk', one(), 'SECx');
  const stamp = String(NEWS_TIME + 120_000);
  const sign = createHmac('sha256', 'SECx').update(`${stamp}\nSECx`).digest('base64');
  t.same(ding!.query, { timestamp: stamp, sign });
  t.notOk(compose('DingTalk', one())[0]!.query);
});

t.test('what is told again in another message says so', async (t) => {
  const again = runNews('Failed', {});
  Object.assign(again.notification.facts, { perhapsToldIn: ['beef'] });
  for (const name of Object.keys(WEBHOOK_FORMATS) as Name[]) {
    const [{ body }] = compose(name, [again]) as [{ body: string }];
    t.match(body, name === 'CloudTask' ? '"perhapsToldIn":["beef"]' : '(perhaps told before)', name);
  }
});

t.test('PagerDuty: one incident of a task, resolved when it recovers', async (t) => {
  const bodies = (news: readonly News[]) =>
    compose('PagerDuty', news, 'key').map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const [failed] = bodies(one());
  t.match(failed, { event_action: 'trigger', routing_key: 'key', payload: { severity: 'error', source: 'eu-1' } });
  const recovered = runNews('Recovered', { state: 'Succeeded', failing });
  t.match(bodies([recovered]), [{ event_action: 'resolve', dedup_key: failed!.dedup_key, routing_key: 'key' }]);
  const slot = bodies([runNews('Failed', { slot: '2' })])[0]!.dedup_key;
  t.not(slot, failed!.dedup_key);
  const again = bodies([...one(), ...one()]);
  t.equal(again.length, 1);
  t.match(again, [{ payload: { custom_details: { 'Events of it': 2 } } }]);
  t.match(bodies([...one(), recovered]), [{ event_action: 'resolve' }], 'what is over already wakes nobody');
  t.match(bodies([recovered, ...one()]), [{ event_action: 'trigger' }]);
  const gone = bodies([agentNews('AgentOffline'), agentNews('AgentOnline', 'eu-2')]);
  t.match(gone, [{ event_action: 'trigger', payload: { severity: 'critical' } }, { event_action: 'resolve' }]);
  const slow = bodies([runNews('LongerThan', { limitMs: 60_000 })])[0]!.dedup_key;
  t.not(slow, failed!.dedup_key, 'that a run takes long is over when it ends, however it does');
  t.match(bodies([runNews('Over', { ends: 'LongerThan' })]), [{ event_action: 'resolve', dedup_key: slow }]);
  t.not(bodies([runNews('Over', { ends: 'Late' })])[0]!.dedup_key, slow);
  const long = bodies([runNews('Failed', { task: 't'.repeat(253) })])[0]!.dedup_key as string;
  t.ok(long.length <= 255);
});
