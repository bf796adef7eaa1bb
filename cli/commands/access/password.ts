// ctask auth set-password: of oneself or, for those who may, of somebody else.
import type { Command } from 'commander';
import { passwordProblem } from '../../../manifests/index.js';
import { GROUP_PATH } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { usage } from '../../resources/target.js';

export interface PasswordOptions {
  readonly name: string;
  readonly password: string;
  readonly mustChange: boolean;
}

export function defineSetPassword(auth: Command, deps: CliDeps): void {
  const command = auth
    .command('set-password')
    .description('Give a user a password; all sessions of the user end')
    .argument('<user>')
    .option('--password-stdin', 'read it from stdin', false)
    .option('--keep', 'it need not be changed at the next log-in', false);
  addExamples(command, [
    { say: 'Somebody has forgotten theirs', run: 'ctask auth set-password ann --password-stdin < new-password.txt' },
    { say: 'Not to be changed at once', run: 'ctask auth set-password ann --keep --password-stdin < new-password.txt' },
  ]).action(async (name: string, options: { passwordStdin: boolean; keep: boolean }) => {
    if (!options.passwordStdin) throw usage('a password comes from stdin: --password-stdin');
    await sendPassword({ name, password: await passwordOfStdin(deps), mustChange: !options.keep }, deps);
    await deps.out(`user.cloudtask.dev/${name} password set\n`);
  });
}

/** Without the end of its line. */
export async function passwordOfStdin(deps: CliDeps): Promise<string> {
  const password = (await deps.host.stdin.text()).replace(/\r?\n$/, '');
  if (password === '') throw usage('stdin holds no password');
  if (password.includes('\n')) throw usage('stdin holds more than one line: which one is the password?');
  // Before anything is done: a user who is to have one is made first.
  const problem = passwordProblem(password);
  if (problem !== undefined) throw usage(problem);
  return password;
}

export async function sendPassword({ name, ...body }: PasswordOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  await api.send('PUT', `${GROUP_PATH}/users/${encodeURIComponent(name)}/password`, { body });
}
