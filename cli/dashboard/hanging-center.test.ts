// A center that hangs: connections stay open, and nothing comes.
import t, { type Test } from 'tap';
import { openWorld } from '../../test/support/dashboard-world.js';
import { RecordingProxy } from '../../test/support/recording-proxy.js';
import { TcpProxy } from '../../test/support/tcp-proxy.js';

async function open(t: Test) {
  let proxy: TcpProxy | undefined;
  const through = async (url: string) => {
    proxy = await TcpProxy.start({ port: Number(new URL(url).port) });
    t.teardown(() => proxy?.stop());
    return `http://${proxy.address}`;
  };
  const world = await openWorld(t, ['nightly'], { through });
  await world.shows('Tasks(default)[1]', 'nightly');
  return { ...world, proxy: proxy! };
}

t.test('it is told though no connection is lost, and that it is over (T-13)', { timeout: 120_000 }, async (t) => {
  const { proxy, terminal, shows } = await open(t);
  proxy.blackHole(true);
  await shows('disconnected', 'retrying', 'nightly');
  proxy.blackHole(false);
  await terminal.until((text) => !text.includes('disconnected'));
  t.match(terminal.text(), 'nightly');
});

t.test('an answer that comes late does not come over what one is at by then', { timeout: 120_000 }, async (t) => {
  let proxy: RecordingProxy | undefined;
  const through = async (url: string) => {
    proxy = await RecordingProxy.start(t, url);
    return proxy.url;
  };
  const { terminal, shows, command } = await openWorld(t, ['nightly'], { through });
  await shows('Tasks(default)[1]', 'nightly');
  /** A description asks several times, one after the other. */
  const answered = async () => {
    for (let calm = 0; calm < 3; calm = proxy!.open === 0 ? calm + 1 : 0) await terminal.settle();
  };

  let release = proxy!.hold();
  await terminal.press('d');
  await shows('waiting for the center');
  await terminal.press('esc');
  t.notMatch(terminal.text(), 'waiting for the center');
  release();
  await answered();
  t.match(terminal.text(), 'Tasks(default)[1]', 'Esc has left the question, not the view');

  release = proxy!.hold();
  await terminal.press('d');
  await shows('waiting for the center');
  await command('agents');
  release();
  await answered();
  t.match(terminal.text(), 'Agents[0]', 'who has gone elsewhere stays there');

  await command('tasks');
  await shows('Tasks(default)[1]', 'nightly');
  release = proxy!.hold();
  await terminal.press('d');
  await shows('waiting for the center');
  release();
  await shows('Describe(default/nightly)');
  t.notMatch(terminal.text(), 'waiting for the center', 'who waits gets it');
});
