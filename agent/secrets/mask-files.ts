// What must be hidden of the output of an attempt, beside that output, sealed: an agent that starts anew goes on hiding the values
// that the attempt was given, also when the secret has changed since.
import { join } from 'node:path';
import { type Logger, messageOf } from '../../base/index.js';
import { MASKED_MIN_CHARS, type Mask, maskOf, WholeMask } from './mask.js';
import type { SealedFiles } from './sealed-files.js';

const NAME = 'masks';

export class MaskFiles {
  private readonly files: SealedFiles;
  private readonly log: Logger;

  constructor(files: SealedFiles, log: Logger) {
    this.files = files;
    this.log = log;
  }

  /** Before the attempt of this directory is launched. Throws when the disk refuses it. */
  write(directory: string, values: readonly string[]): void {
    const hidden = values.filter(({ length }) => length >= MASKED_MIN_CHARS);
    if (hidden.length > 0) this.files.write(join(directory, NAME), placeOf(directory), JSON.stringify(hidden));
  }

  /** undefined when nothing is to be hidden. What cannot be read hides everything. */
  read(directory: string): Mask | undefined {
    try {
      const text = this.files.read(join(directory, NAME), placeOf(directory));
      return text === undefined ? undefined : maskOf(JSON.parse(text) as string[]);
    } catch (error) {
      this.log.error({ directory, err: messageOf(error) }, 'which values to hide cannot be read, all output is hidden');
      return new WholeMask();
    }
  }
}

/** The data directory may be moved: only the end of the path names the attempt. */
function placeOf(directory: string): string {
  return `masks of ${directory.split(/[\\/]/).slice(-2).join('/')}`;
}
