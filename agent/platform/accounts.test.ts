import { join } from 'node:path';
import t from 'tap';
import { findAccount, findGroup, groupsOf } from './accounts.js';

t.test('accounts as the files of the system have them', async (t) => {
  const directory = t.testdir({
    passwd: 'root:x:0:0:root:/root:/bin/bash\ndeploy:x:1000:1001:D,,,:/home/deploy:/bin/zsh\nbare:x:7:8:::\n',
    group: 'root:x:0:\ndocker:x:999:alice,deploy\nadm:x:4:deployer\nwww:x:33:deploy\n',
  });
  const files = { passwd: join(directory, 'passwd'), group: join(directory, 'group') };
  t.same(findAccount('deploy', files), {
    name: 'deploy',
    uid: 1000,
    gid: 1001,
    home: '/home/deploy',
    shell: '/bin/zsh',
  });
  t.same(findAccount('bare', files), { name: 'bare', uid: 7, gid: 8, home: '/', shell: '/bin/sh' });
  t.equal(findAccount('dep', files), undefined, 'the beginning of a name is no name');
  t.equal(findGroup('docker', files), 999);
  t.equal(findGroup('dock', files), undefined);
  t.same(groupsOf('deploy', files), [999, 33]);
  t.same(groupsOf('nobody', { passwd: '/nowhere', group: '/nowhere' }), []);
});

t.test('what the files lack, the system is asked for', { skip: process.platform === 'win32' }, async (t) => {
  t.match(findAccount('root'), { uid: 0 });
  t.equal(findAccount('ctask-no-such-account'), undefined);
});
