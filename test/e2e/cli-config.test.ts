// Commands about the program itself and the centers it knows.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

t.test('config, version, api-resources, cluster-info (C-55, C-57, C-82)', async (t) => {
  const { center, user } = await startCliWorld(t);
  t.match(
    (await user.type('config view')).stdout,
    /^apiVersion: config\.cloudtask\.dev\/v1\nkind: Config\ncurrent-context: local\n/,
  );
  t.same(await user.type('config current-context'), { code: 0, stdout: 'local\n', stderr: '' });
  t.match(await user.type('config set-context --current -n billing'), { stdout: 'Context "local" modified.\n' });
  t.match(await user.type('get tasks'), { stderr: 'No resources found in billing namespace.\n' });
  t.match(await user.type('config set-server two -s http://127.0.0.1:2'), { stdout: 'Server "two" created.\n' });
  t.match(await user.type('config set-credentials me --token ct_secret'), { stdout: 'User "me" created.\n' });
  t.match(await user.type('config set-context second -s two --user me'), { stdout: 'Context "second" created.\n' });
  t.notMatch((await user.type('config view')).stdout, 'ct_secret');
  t.match((await user.type('config view --raw -o json')).stdout, 'ct_secret');
  t.equal(
    (await user.type('config get-contexts')).stdout,
    'CURRENT   NAME     SERVER   USER    NAMESPACE\n*         local    local    local   billing\n          second   two      me\n',
  );
  t.same(await user.type('config use-context second'), {
    code: 0,
    stdout: 'Switched to context "second".\n',
    stderr: '',
  });
  t.match(await user.type('get tasks'), { code: 9 });
  t.match(await user.type('get tasks --context local'), { code: 0 });
  t.match(await user.type('config use-context nope'), { code: 2 });
  t.match(await user.type('config delete-context second'), { code: 0, stderr: /removed your active context/ });
  t.match(await user.type('get tasks'), {
    code: 2,
    stderr: /no server is configured\nhint: context local is there: ctask config use-context local\n/,
  });
  await user.type('config use-context local');
  t.same(await user.type('version'), {
    code: 0,
    stdout: 'Client Version: v1.2.3\nServer Version: v9.8.7\n',
    stderr: 'Warning: the versions of client (1.2.3) and server (9.8.7) are more than one minor version apart\n',
  });
  t.match(await user.type('version -s 127.0.0.1:1'), { code: 9, stdout: 'Client Version: v1.2.3\n' });
  t.match(await user.type('version --token ct_wrong'), { code: 4, stdout: 'Client Version: v1.2.3\n' });
  const nameless = await user.type(`get tasks --config /dev/null -s ${center.url}`);
  t.match(nameless, { code: 4, stderr: /\nhint: no token is configured: .*CTASK_TOKEN_FILE.*set-credentials/ });
  const unreachable = await user.type('version -s 127.0.0.1:1 -o json');
  t.match(unreachable, { code: 9, stdout: '{\n  "clientVersion": "1.2.3"\n}\n' }, 'this program knows its own');
  t.match(JSON.parse(unreachable.stderr), { kind: 'Status', status: 'Failure' });
  t.match(
    (await user.type('api-resources')).stdout,
    /^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND\ntasks +tk +cloudtask\.dev\/v1 +true +Task\n/,
  );
  const names = async (flags: string) =>
    (await user.type(`api-resources --no-headers ${flags}`)).stdout.match(/^\S+/gm);
  const wide = [
    'clusters',
    'agents',
    'namespaces',
    'users',
    'groups',
    'serviceaccounts',
    'roles',
    'clusterrolebindings',
  ];
  t.same(await names('--namespaced=false'), [...wide, 'tokens']);
  t.same(await names('--namespaced=false --sort-by name'), [...wide, 'tokens'].sort());
  const access = ['roles', 'rolebindings', 'secrets', 'serviceaccounts'];
  const others = [
    'agents',
    'calendars',
    'clusters',
    'clusterrolebindings',
    'groups',
    'namespaces',
    'notifiers',
    'packages',
  ];
  t.same(await names('--sort-by kind --verbs create,list'), [...others, ...access, 'tasks', 'users']);
  t.same(await names('--api-group other'), null);
  t.match((await user.type('api-resources -o wide')).stdout, /VERBS +CATEGORIES\ntasks .* get,list,watch\S* +all\n/);
  t.match(await user.type('api-resources -o name --verbs delete --namespaced=true'), {
    stdout: 'tasks.cloudtask.dev\nruns.cloudtask.dev\n',
  });
  t.match(await user.type('api-resources --sort-by age'), { code: 2 });
  t.match((await user.type('cluster-info')).stdout, `center is running at ${center.url} (9.8.7)`);
});

t.test('files of entries count from where they were typed', async (t) => {
  const { center, user } = await startCliWorld(t);
  const home = process.cwd();
  t.teardown(() => process.chdir(home));
  const entries = async () => (await user.type('config view --raw -o json')).stdout;

  process.chdir(dirname(center.tokenFile));
  const token = await user.type(`config set-credentials me --token-file ${basename(center.tokenFile)}`);
  t.same(token, { code: 0, stdout: 'User "me" created.\n', stderr: '' });
  const elsewhere = join(user.home, 'elsewhere');
  mkdirSync(elsewhere);
  process.chdir(elsewhere);
  t.match(await user.type('get tasks --user me'), { code: 0 }, 'used from another directory');

  const missing = await user.type('config set-server far -s https://far:7070 --certificate-authority ca.crt');
  const ca = join(process.cwd(), 'ca.crt');
  t.same(missing, {
    code: 0,
    stdout: 'Server "far" created.\n',
    stderr: `Warning: ${ca} does not exist; it is needed when the entry is used\n`,
  });
  writeFileSync('ca.crt', 'none');
  t.match(await user.type('config set-cluster far -s https://far:7070 --certificate-authority ./ca.crt'), {
    stderr: '',
  });
  t.match(await entries(), `"certificate-authority": "${ca}"`);
  t.match(await user.type('config set servers.far.certificate-authority ..'), {
    stderr: /Warning: .* is a directory; /,
  });
  for (const key of ['token-file', 'client-certificate', 'client-key']) {
    t.match(await user.type(`config set users.me.${key} ca.crt`), { code: 0, stderr: '' });
    t.match(await entries(), `"${key}": "${ca}"`);
  }
  t.match(await user.type('config set-credentials me --token-file ~/a/token'), { stderr: /\/a\/token does not exist/ });
  t.match(await entries(), '"token-file": "~/a/token"', 'the home directory is the same from everywhere');
  const both = await user.type('config set-credentials me --client-certificate ca.crt --client-key ./ca.crt');
  t.same(both, { code: 0, stdout: 'User "me" modified.\n', stderr: '' });
  t.match(JSON.parse(await entries()).users, [
    { name: 'local' },
    { name: 'me', user: { 'token-file': '~/a/token', 'client-certificate': ca, 'client-key': ca } },
  ]);
  for (const [flags, why] of [
    ['', 'give --token or --token-file, or --client-certificate and --client-key'],
    ['--client-key ca.crt', '--client-certificate and --client-key go together'],
    ['--token t --token-file ca.crt', 'give either --token or --token-file, not both'],
  ] as const) {
    t.match(await user.type(`config set-credentials me ${flags}`), { code: 2, stderr: why }, flags);
  }
  await user.type('config set-server far -s https://far:7070 --tls-server-name center.test');
  t.match(await entries(), '"tls-server-name": "center.test"');
});
