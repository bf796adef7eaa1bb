// Commands about the program itself and the centers it knows.
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
