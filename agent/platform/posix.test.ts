import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import t from 'tap';
import { posix } from './posix.js';

if (process.platform === 'win32') {
  t.pass('not a POSIX system: win32.test.ts');
} else {
  t.test('names this boot and this process', (t) => {
    t.match(posix.bootId(), /^[0-9a-f-]{36}$/i);
    t.equal(posix.bootId(), posix.bootId());
    const start = posix.processStart(process.pid);
    t.ok(start);
    t.ok(posix.processAlive(process.pid, start));
    t.ok(posix.processAlive(process.pid, undefined));
    t.notOk(posix.processAlive(process.pid, 'another'));
    t.equal(posix.processStart(2 ** 22), undefined);
    t.notOk(posix.processAlive(2 ** 22, undefined));
    t.end();
  });

  t.test('surveys and stops a process', async (t) => {
    const child = spawn('/bin/sleep', ['1000'], { detached: true, env: { MARK: 'posix-test' }, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const start = posix.processStart(pid) ?? '';
    const root = { pid, processStart: start, marks: [], known: new Map<number, string>() };
    t.same(posix.findMarked(['MARK=posix-test']), [{ pid, start }]);
    t.match(posix.survey([root]), [[{ pid, group: pid }]]);
    posix.stop([{ pid, group: pid }], false);
    t.same(await once(child, 'exit'), [null, 'SIGTERM']);
    t.same(posix.survey([root]), [[]]);
    posix.stop([{ pid, group: pid }], true);
    t.pass('stopping what is gone is harmless');
  });

  t.test('a clean environment has nothing of ours', (t) => {
    t.same(Object.keys(posix.cleanEnvironment()).sort(), ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'USER']);
    t.same(posix.defaultShell(), ['/bin/sh']);
    t.end();
  });

  t.test('a socket path always fits', (t) => {
    t.equal(posix.socketPath('/data/runner', '0.sock'), '/data/runner/0.sock');
    const long = posix.socketPath(`/${'x'.repeat(120)}`, '0.sock');
    t.ok(Buffer.byteLength(long) <= 100);
    t.not(long, posix.socketPath(`/${'x'.repeat(120)}`, '1.sock'));
    t.not(dirname(long), dirname(dirname(long)));
    t.throws(() => statSync(`${dirname(long)}/nothing`));
    t.end();
  });
}
