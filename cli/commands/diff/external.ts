// CTASK_EXTERNAL_DIFF: a program of the user's compares two directories, as KUBECTL_EXTERNAL_DIFF does.
import { spawn } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTaskError, messageOf } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import type { Comparison } from './compare.js';
import { fileName, yamlOf } from './text.js';

/** Runs the program with the directories LIVE and MERGED; its output is ours. Resolves with its exit code: 0 no difference, 1
 * differences, more for trouble. Throws CT_USAGE when it cannot be run. */
export async function externalDiff(command: string, { differences }: Comparison, deps: CliDeps): Promise<number> {
  const directory = await fs.mkdtemp(join(tmpdir(), 'ctask-diff-'));
  try {
    const sides = { live: join(directory, 'LIVE'), merged: join(directory, 'MERGED') };
    await Promise.all(Object.values(sides).map((side) => fs.mkdir(side)));
    for (const difference of differences) {
      const name = fileName(difference);
      if (difference.live !== undefined) await fs.writeFile(join(sides.live, name), await yamlOf(difference.live));
      if (difference.merged !== undefined)
        await fs.writeFile(join(sides.merged, name), await yamlOf(difference.merged));
    }
    const [program = '', ...args] = command.split(/\s+/).filter((word) => word !== '');
    return await run(program, [...args, sides.live, sides.merged], deps);
  } finally {
    await fs.rm(directory, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], deps: CliDeps): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal: deps.signal });
    // One chunk after the other: a slow reader slows the program.
    const copy = async (from: NodeJS.ReadableStream, to: CliDeps['out']) => {
      for await (const chunk of from) await to(chunk as Buffer);
    };
    const copied = Promise.all([
      copy(child.stdout, deps.out),
      copy(child.stderr, (data) => deps.host.stderr.write(data)),
    ]);
    // Heard at once: a reader of ours that goes away ends the copying before the program ends.
    copied.catch(reject);
    child.once('error', (cause) => {
      const detail = `CTASK_EXTERNAL_DIFF "${program}" cannot be run: ${messageOf(cause)}`;
      reject(new CloudTaskError('CT_USAGE', { detail, cause }));
    });
    child.once('close', (code) => void copied.then(() => resolve(code ?? 2), reject));
  });
}
