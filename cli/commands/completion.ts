// ctask completion: the script that teaches a shell to complete; and the hidden command that the script asks.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { usage } from '../resources/target.js';

const SHELLS = 'bash, zsh, fish or powershell';

/** Longer than that nobody waits for TAB; the request goes on in vain. */
const DEADLINE_MS = 1_000;

export function defineCompletion(program: Command, deps: CliDeps): void {
  const command = program
    .command('completion')
    .description('Print the script that makes a shell complete commands, flags and names')
    .argument('<shell>', SHELLS);
  addExamples(command, [
    { say: 'In this bash (source <(…) makes it so)', run: 'ctask completion bash' },
    { say: 'For fish', run: 'ctask completion fish' },
  ]).action(async (shell: string) => {
    const { completionScripts } = await import('../completion/scripts.js');
    const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
    if (script === undefined) throw usage(`there is no completion for "${shell}"`, `shells are ${SHELLS}`);
    await deps.out(script);
  });
}

export const COMPLETE_VERB = '__complete';

/** Only where all commands are defined: their definitions are what is completed. */
export function defineComplete(program: Command, deps: CliDeps): void {
  program
    .command(`${COMPLETE_VERB} [words...]`, { hidden: true })
    .description('Answer what may stand in place of the last word')
    .action(async (words: string[]) => {
      const { complete } = await import('../completion/complete.js');
      const late = deps.clock.sleep(DEADLINE_MS, deps.signal).then(() => undefined);
      // A shell that completes must not print errors between the words.
      const found = await Promise.race([complete(program, words, deps), late]).catch(() => undefined);
      const { candidates, directive } = found ?? { candidates: [], directive: 'none' };
      const lines = candidates.map(({ value, description }) =>
        description ? `${value}\t${description.replace(/\s+/g, ' ')}\n` : `${value}\n`,
      );
      await deps.out(`${lines.join('')}:${directive}\n`);
    });
}
