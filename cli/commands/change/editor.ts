// A text in a file of its own, in the user's editor.
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTaskError, messageOf } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { withoutInterrupts } from '../../signal-listeners.js';

export class EditedFile {
  readonly path: string;
  private readonly directory: string;

  private constructor(directory: string, name: string) {
    this.directory = directory;
    this.path = join(directory, name);
  }

  /** The file is there for its user only. */
  static async create(name: string): Promise<EditedFile> {
    return new EditedFile(await fs.mkdtemp(join(tmpdir(), 'ctask-edit-')), name);
  }

  /** Shows the text in the editor; resolves with what it was saved as. Throws CT_USAGE when there is no editor to be run. */
  async edit(text: string, deps: CliDeps): Promise<string> {
    await fs.writeFile(this.path, text, { mode: 0o600 });
    // A Ctrl-C that is typed in the editor is the editor's.
    await withoutInterrupts(() => runEditor(this.path, deps));
    await fs.chmod(this.path, 0o600); // some editors save to a new file
    return fs.readFile(this.path, 'utf8');
  }

  async remove(): Promise<void> {
    await fs.rm(this.directory, { recursive: true, force: true });
  }
}

/** CTASK_EDITOR, VISUAL or EDITOR, which may have arguments. */
function editorOf({ host: { env, platform } }: CliDeps): string {
  return env.CTASK_EDITOR || env.VISUAL || env.EDITOR || (platform === 'win32' ? 'notepad' : 'vi');
}

function runEditor(path: string, deps: CliDeps): Promise<void> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const editor = editorOf(deps);
  const [program = '', ...args] = editor.split(/\s+/).filter((word) => word !== '');
  return new Promise((resolve, reject) => {
    const failed = (why: string, cause?: unknown) =>
      reject(new CloudTaskError('CT_USAGE', { detail: `the editor "${editor}" ${why}`, cause }));
    const child = spawn(program, [...args, path], { stdio: 'inherit' });
    child.once('error', (cause) => failed(`cannot be run: ${messageOf(cause)}; set CTASK_EDITOR`, cause));
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : failed(`ended with ${signal ?? `exit code ${code}`}`),
    );
  });
}
