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
    ['https://outlook.office.com/webhook/aaa/IncomingWebhook/bbb', `https://outlook.office.com/webhook/${MASK}`],
    ['"https://discord.com/api/webhooks/1/xyz?wait=true"', `"https://discord.com/api/webhooks/${MASK}"`],
    [
      'POST https://prod-12.westeurope.logic.azure.com/workflows/w/triggers/t?api-version=1&sig=SECRETSIG&sp=r: 403',
      `POST https://prod-12.westeurope.logic.azure.com/workflows/w/triggers/t?api-version=1&sig=${MASK}&sp=r: 403`,
    ],
    ['https://h/api/run?code=hunter2', `https://h/api/run?code=${MASK}`],
    [
      'https://chat.example.com/v1/x?key=hunter2&token=hunter3',
      `https://chat.example.com/v1/x?key=${MASK}&token=${MASK}`,
    ],
    ['exit code=3', 'exit code=3'],
    ['mysql -uroot -phunter2 ledger', `mysql -uroot -p${MASK} ledger`],
    ['/usr/bin/mysqldump "-uroot" -p\'hunter 2\' | gzip', `/usr/bin/mysqldump "-uroot" -p${MASK} | gzip`],
    ['mariadb-dump -phunter2', `mariadb-dump -p${MASK}`],
    ['mysql -p ledger; mkdir -p /x', 'mysql -p ledger; mkdir -p /x'],
    ['mkdir -p/srv/x; ssh -p22 h', 'mkdir -p/srv/x; ssh -p22 h'],
    ['AWS_KEY=AKIAabc SIGNING_KEYS=ab run', `AWS_KEY=${MASK} SIGNING_KEYS=${MASK} run`],
    ['privateKeyData: hunter2', `privateKeyData: ${MASK}`],
    ['tool --key hunter2 --keyboard de --keep 3', `tool --key ${MASK} --keyboard de --keep 3`],
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

t.test('keys, short ones too, and what only names one', async (t) => {
  const clear = [
    { name: 'API_KEY', valueFrom: { secret: 'ledger-db', key: 'url' } },
    { name: 'KEYBOARD', value: 'de' },
  ];
  const object = {
    metadata: { annotations: { 'example.com/deploy-key': 'annotated', keys: '3' } },
    env: [{ name: 'AWS_KEY', value: 'AKIAabc' }, { name: 'KEY', value: 'ab' }, { name: 'keys', value: 'cd' }, ...clear],
    matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }],
  };
  t.same(new Masking().object(object), {
    metadata: { annotations: { 'example.com/deploy-key': MASK, keys: '3' } },
    env: [{ name: 'AWS_KEY', value: MASK }, { name: 'KEY', value: MASK }, { name: 'keys', value: MASK }, ...clear],
    matchExpressions: object.matchExpressions,
  });
});

t.test('words of a command that have their password within', async (t) => {
  const table: [string[], string[]][] = [
    [
      ['mysqldump', '-psup3rS3cret'],
      ['mysqldump', `-p${MASK}`],
    ],
    [
      ['nice', '/usr/bin/mariadb', '-uroot', '-p hunter 2', '-P3306', '-p'],
      ['nice', '/usr/bin/mariadb', '-uroot', `-p${MASK}`, '-P3306', '-p'],
    ],
    [
      ['sh', '-c', 'mysql -uroot -phunter2'],
      ['sh', '-c', `mysql -uroot -p${MASK}`],
    ],
    [
      ['ssh', '-p22', 'mysql'],
      ['ssh', '-p22', 'mysql'],
    ],
  ];
  for (const [command, masked] of table)
    t.same(new Masking().object({ run: { command } }), { run: { command: masked } });
  const masking = new Masking();
  masking.object({ command: ['mysqldump', '-psup3rS3cret'] });
  t.equal(masking.again('sup3rS3cret was refused'), `${MASK} was refused`);
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
