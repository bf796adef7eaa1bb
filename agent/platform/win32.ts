import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { batchCommandLine, isBatch } from './batch-command.js';
import type { Platform } from './platform.js';

/** Runs a program of the system and returns what it printed; throws when it fails. */
export type RunTool = (program: string, args: readonly string[]) => string;

const runTool: RunTool = (program, args) =>
  execFileSync(program, args, { encoding: 'utf8', windowsHide: true, stdio: ['ignore', 'pipe', 'ignore'] });

/** Of Windows itself, or PowerShell 7, by whatever path. */
const POWERSHELL = /(^|[\\/])(powershell|pwsh)(\.exe)?$/i;

/** Variables without which Windows programs do not run. */
const KEPT = ['SystemRoot', 'SystemDrive', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP', 'USERPROFILE', 'USERNAME', 'Path'];

/**
 * Windows keeps no process groups and shows no environments: the tree is what taskkill /T follows by parent, so a process
 * whose parent has ended escapes. `run` is handed in so that the seam can be tested elsewhere.
 */
export function createWin32(run: RunTool = runTool, environment: NodeJS.ProcessEnv = process.env): Platform {
  const powershell = (expression: string) =>
    run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', expression]).trim();
  const processStart = (pid: number) => {
    try {
      return powershell(`(Get-Process -Id ${pid}).StartTime.Ticks`) || undefined;
    } catch {
      return undefined; // Get-Process fails when there is no such process
    }
  };
  const processAlive = (pid: number, start: string | undefined) => {
    const found = processStart(pid);
    return found !== undefined && (start === undefined || found === start);
  };
  return {
    bootId: () => powershell('(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.Ticks'),
    processStart,
    processAlive,
    survey: (roots) =>
      roots.map(({ pid, processStart: start }) => (processAlive(pid, start) ? [{ pid, group: 0 }] : [])),
    stop(members, hard) {
      for (const { pid } of members) {
        try {
          run('taskkill.exe', ['/PID', String(pid), '/T', ...(hard ? ['/F'] : [])]);
        } catch {
          // Gone already, or it has no window to ask politely: the next survey tells, and the hard stop follows.
        }
      }
    },
    findMarked: () => [],
    interpreted(argv) {
      if (!isBatch(argv[0] ?? '')) return undefined;
      return { program: environment.ComSpec ?? 'cmd.exe', rest: batchCommandLine(argv) };
    },
    defaultShell: () => [], // the script is a batch file
    // PowerShell -File takes no other ending, cmd none but its own; to the rest it does not matter.
    scriptName: ([program = 'cmd.exe'] = []) => (POWERSHELL.test(program) ? 'script.ps1' : 'script.cmd'),
    cleanEnvironment: () =>
      Object.fromEntries(KEPT.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]))),
    socketPath: (directory, name) =>
      `\\\\.\\pipe\\ctask-${createHash('sha256').update(join(directory, name)).digest('hex').slice(0, 32)}`,
  };
}
