import t from 'tap';
import { createWin32 } from './win32.js';

function recorded(answers: Record<string, string>) {
  const calls: string[] = [];
  const win32 = createWin32(
    (program, args) => {
      const call = [program, ...args].join(' ');
      calls.push(call);
      const key = Object.keys(answers).find((part) => call.includes(part));
      if (key === undefined) throw new Error('exit code 1');
      return answers[key] ?? '';
    },
    { SystemRoot: 'C:\\Windows', ComSpec: 'C:\\Windows\\cmd.exe', AGENT_SECRET: 'x' },
  );
  return { win32, calls };
}

t.test('tells processes apart by their start', (t) => {
  const { win32 } = recorded({ '-Id 42)': '638000\r\n' });
  t.equal(win32.processStart(42), '638000');
  t.equal(win32.processStart(43), undefined);
  t.ok(win32.processAlive(42, '638000'));
  t.notOk(win32.processAlive(42, '1'));
  const root = (pid: number) => ({ pid, processStart: '638000', marks: [], known: new Map() });
  t.same(win32.survey([root(42), root(43)]), [[{ pid: 42, group: 0 }], []]);
  t.end();
});

t.test('stops trees with taskkill, politely and by force', (t) => {
  const { win32, calls } = recorded({});
  win32.stop([{ pid: 42, group: 0 }], false);
  win32.stop([{ pid: 42, group: 0 }], true);
  t.same(calls, ['taskkill.exe /PID 42 /T', 'taskkill.exe /PID 42 /T /F']);
  t.end();
});

t.test('a script has the ending that its interpreter takes', (t) => {
  const { win32 } = recorded({});
  t.equal(win32.scriptName(), 'script.cmd');
  t.equal(win32.scriptName(['cmd.exe', '/c']), 'script.cmd');
  t.equal(win32.scriptName(['powershell.exe', '-NoProfile', '-File']), 'script.ps1');
  t.equal(win32.scriptName(['C:\\Program Files\\PowerShell\\7\\PWSH.EXE', '-File']), 'script.ps1');
  t.equal(win32.scriptName(['mypowershell.exe']), 'script.cmd');
  t.end();
});

t.test('batch files, and so scripts, go through cmd.exe; programs do not', (t) => {
  const { win32 } = recorded({});
  t.same(win32.interpreted?.(['C:\\a b\\script.CMD', 'x&y']), {
    program: 'C:\\Windows\\cmd.exe',
    rest: '/e:on /v:off /d /s /c ""C:\\a b\\script.CMD" "x&y""',
  });
  t.equal(win32.interpreted?.(['C:\\tool.exe', 'x&y']), undefined);
  t.equal(win32.interpreted?.(['cmd.exe', '/c', 'dir & dir']), undefined, 'who names cmd.exe writes for cmd.exe');
  t.throws(() => win32.interpreted?.(['a.bat', 'x\ny']), { code: 'EINVAL', message: /more than one line/ });
  t.end();
});

t.test('hands on only what Windows programs need', (t) => {
  const { win32 } = recorded({});
  t.same(win32.cleanEnvironment(), { SystemRoot: 'C:\\Windows', ComSpec: 'C:\\Windows\\cmd.exe' });
  t.same(win32.defaultShell(), []);
  t.match(win32.socketPath('C:\\data', 'x'), /^\\\\\.\\pipe\\ctask-[0-9a-f]{32}$/);
  t.end();
});
