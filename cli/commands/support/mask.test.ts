import t from 'tap';
import { MASK, Masking } from './mask.js';

t.test('texts', async (t) => {
  const table: [string, string][] = [
    ['postgres://billing:hunter2@db:5432/ledger', `postgres://${MASK}@db:5432/ledger`],
    ['https://u:p@ss/w0rd@host/x', `https://${MASK}@host/x`],
    ['see http://center:7070/console/', 'see http://center:7070/console/'],
    ['curl -u ann:hunter2 http://h', `curl -u ${MASK} http://h`],
    ['export DB_PASSWORD=hunter2; run', `export DB_PASSWORD=${MASK}; run`],
    ['{"apiKey":"hunter2","n":1}', `{"apiKey":${MASK},"n":1}`],
    ['tool --api-key hunter2 --verbose', `tool --api-key ${MASK} --verbose`],
    ['GET /x?access_token=hunter2&page=2', `GET /x?access_token=${MASK}&page=2`],
    ['authorization: Bearer abc.def-123', `authorization: ${MASK} ${MASK}`],
    ['sent Bearer abc.def-123', `sent Bearer ${MASK}`],
    ['ct_abcdefghijklmnop was refused', `${MASK} was refused`],
    ['https://hooks.slack.com/services/T0/B0/xyz failed', `https://hooks.slack.com/${MASK} failed`],
    ['the task fires at 02:00, exit code 3', 'the task fires at 02:00, exit code 3'],
    ['tokens=3', `tokens=${MASK}`], // rather too much
    ['author=ann passenger=north', 'author=ann passenger=north'],
    ['-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\nmore', `${MASK}\nmore`],
  ];
  for (const [text, masked] of table) t.equal(new Masking().text(text), masked);
});

t.test('objects: what may hold a secret goes whole, names stay', async (t) => {
  const masking = new Masking();
  const spec = {
    run: {
      command: ['tool', '--password', 'cmd-secret', '--token=flag-secret', '--verbose', '-u', 'a:user-secret'],
      env: [
        { name: 'MODE', value: 'full' },
        { name: 'DB_PASSWORD', value: 'env-secret' },
        { name: 'ID', value: 'A1b2C3d4E5f6A1b2C3d4E5f6' },
        { name: 'PLACE', value: 'https://u:url-secret@h/x' },
        { name: 'DB_URL', valueFrom: { secret: 'ledger-db', key: 'url' } },
      ],
      stdin: 'stdin-secret',
      script: 'script-secret',
    },
    parameters: [{ name: 'region', default: 'eu', values: ['eu', 'us'] }],
    notify: [{ notifier: 'ops', to: ['ann@example.com'] }],
  };
  const task = { kind: 'Task', metadata: { name: 'a', managedFields: [{}] }, spec };
  const masked = masking.object(task) as typeof task;
  t.notOk('managedFields' in masked.metadata);
  t.same(masked.spec, {
    run: {
      command: ['tool', '--password', MASK, `--token=${MASK}`, '--verbose', '-u', MASK],
      env: [
        { name: 'MODE', value: 'full' },
        { name: 'DB_PASSWORD', value: MASK },
        { name: 'ID', value: MASK },
        { name: 'PLACE', value: `https://${MASK}@h/x` },
        { name: 'DB_URL', valueFrom: { secret: 'ledger-db', key: 'url' } },
      ],
      ...{ stdin: MASK, script: MASK },
    },
    parameters: [{ name: 'region', default: MASK, values: [MASK, MASK] }],
    notify: [{ notifier: 'ops', to: [MASK] }],
  });
  const secret = { kind: 'Secret', metadata: { name: 's' }, spec: { data: { url: 'sealed:x' } } };
  t.match(masking.object(secret), { metadata: { name: 's' }, spec: { data: { url: MASK } } });
  const notifier = {
    ...{ kind: 'Notifier', metadata: { name: 'ops' } },
    spec: {
      ...{
        description: 'on call',
        groupWait: '30s',
        webhook: { url: 'https://h/x', secretFrom: { secret: 's', key: 'k' } },
      },
      email: { host: 'mail', port: 25, user: 'me', to: ['a@b.c'], passwordFrom: { secret: 's', key: 'p' } },
      later: { routing: 'r0uting', key: 'k3y' },
      quiet: { from: '22:00', timeZone: 'Europe/Berlin' },
    },
  };
  t.same((masking.object(notifier) as typeof notifier).spec, {
    ...{ description: 'on call', groupWait: '30s', webhook: { url: MASK, secretFrom: { secret: 's', key: 'k' } } },
    email: { host: 'mail', port: MASK, user: MASK, to: [MASK], passwordFrom: { secret: 's', key: 'p' } },
    later: { routing: MASK, key: MASK },
    quiet: { from: '22:00', timeZone: 'Europe/Berlin' },
  });
  t.ok(masking.counts.get('values of parameters'));
});

t.test('what was masked once is masked wherever it stands', async (t) => {
  const masking = new Masking();
  masking.object({ kind: 'Task', spec: { run: { env: [{ name: 'TOKEN', value: 'he said "hi"' }] } } });
  t.equal(masking.again('{"message":"got he said \\"hi\\""}'), `{"message":"got ${MASK}"}`);
  masking.remember('true');
  masking.remember('abc');
  t.equal(masking.again('true abc'), 'true abc', 'words that are everywhere are none');
  t.equal(new Masking().again('x'), 'x');
});
