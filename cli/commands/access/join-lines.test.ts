import t from 'tap';
import { joinLines } from './join-lines.js';

const words = { servers: ['https://a:7070'], cluster: undefined, token: 'ctj_1' };

t.test('the line can be copied as it is', async (t) => {
  const coordination = { zookeeper: 'zk1:2181,zk2:2181/prod', root: '/cloudtask' };
  t.same(joinLines({ ...words, coordination }), [
    'to join with it: ctask agent --center https://a:7070 --zookeeper zk1:2181,zk2:2181/prod --join ctj_1',
  ]);
  const more = { servers: ['https://a:7070', 'https://b:7070'], cluster: 'eu' };
  t.same(joinLines({ ...words, ...more, coordination: { ...coordination, root: '/other' } }), [
    'to join with it: ctask agent --center https://a:7070,https://b:7070 --zookeeper zk1:2181,zk2:2181/prod --root /other --cluster eu --join ctj_1',
  ]);
});

t.test('what leads elsewhere on another machine is said', async (t) => {
  const hint = (center: string, zookeeper: string) =>
    joinLines({ ...words, servers: [center], coordination: { zookeeper, root: '/cloudtask' } })
      .slice(1)
      .map((line) => line.replace(/ must say .*/, ''));
  t.same(hint('https://127.0.0.1:7070', 'zk:2181'), ['on another machine --center']);
  t.same(hint('https://[::1]:7070', 'zk:2181'), ['on another machine --center']);
  for (const zookeeper of ['127.0.0.1:7071', 'zk:2181,localhost:2181/x', '[::1]:2181', 'localhost'])
    t.same(hint('https://a:7070', zookeeper), ['on another machine --zookeeper']);
  t.same(hint('http://localhost:7070', '127.0.0.1:1'), ['on another machine --center and --zookeeper']);
  t.same(hint('https://localhost.example.com:7070', '[fd00::127]:2181'), []);
});

t.test('an older center does not say where ZooKeeper is', async (t) => {
  t.same(joinLines({ ...words, coordination: undefined }), [
    'to join with it: ctask agent --center https://a:7070 --zookeeper HOST:PORT --join ctj_1',
    'HOST:PORT is where ZooKeeper is: what the center was given as --zookeeper',
  ]);
});
