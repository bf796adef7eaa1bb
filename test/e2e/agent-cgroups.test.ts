// What an agent says of its cgroups: on its own, told to have none, and given a directory that is none.
import { join } from 'node:path';
import t from 'tap';
import { findCgroups } from '../../agent/index.js';
import { startEmbeddedServer } from '../../coordination/index.js';
import type { Agent } from '../../manifests/index.js';
import { Fleet } from '../support/fleet.js';

t.test('the status of an agent names its cgroups, or says why it has none', async (t) => {
  const dataDir = join(t.testdir(), 'zk');
  const server = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000 });
  t.teardown(() => server.stop());
  const fleet = new Fleet({ zookeeper: server.connectString, agents: 1, tasks: {} });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const { user } = fleet;
  const cgroups = async (name: string) => {
    const agent = await user.json<Agent>(['get', 'agent', name]);
    const described = await user.ok(['describe', 'agent', name]);
    t.equal(/^ *Cgroups: +(.*)$/m.exec(described)?.[1], agent.status?.cgroups);
    return agent.status?.cgroups;
  };
  // The agents of this test are in the group of the test itself.
  const found = findCgroups();
  const expected = 'reason' in found ? `none: ${found.reason}` : `${found.directory} (${found.controllers.join(', ')})`;
  t.equal(await cgroups('a1'), expected);
  await fleet.startAgent('a2', ['--cgroups', 'none']);
  t.equal(await cgroups('a2'), 'none: as the agent was told');
  const wrong = await user.ctask(['agent', '--name', 'a3', '--token-file', fleet.adminTokenFile, '--cgroups', dataDir]);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, `cgroups "${dataDir}" cannot be used: ENOENT`);
  t.match(wrong.stderr, 'it must be a directory of cgroup v2 that is delegated to this agent');
});
