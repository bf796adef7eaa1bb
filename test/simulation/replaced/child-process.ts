// node:child_process for simulated processes.
import { type Environment, machineNow, type SimulatedChild } from '../world/machine.js';

export function spawn(program: string, args: readonly string[], options: { env?: Environment }): SimulatedChild {
  return machineNow().spawn(program, args, options.env ?? {});
}

export function execFileSync(): never {
  throw new Error('no simulated process runs programs like this');
}
