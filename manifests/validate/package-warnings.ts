import type { ErrorCause } from '../../base/index.js';
import type { RunTemplate } from '../kinds/task-run.js';
import { cause } from './schema-causes.js';

/** A name with an ending, perhaps below directories: main.py, ./lib/job.sh. Hosts, versions, patterns and options are none. */
const FILE = /^(?:\.\/)?(?:\w[\w-]*\/)*\w[\w-]*\.(?:py|js|mjs|cjs|ts|sh|bash|rb|pl|php|jar|r|R|lua|ps1|bat|cmd|sql)$/;

/**
 * A program of the machine with a script of the package, such as `python3 main.py`: arguments are passed as they are written, so
 * the script is looked for in the attempt's empty directory. Endings of programs only, since other files may be made by the run.
 */
export function packageWarnings(run: RunTemplate): ErrorCause[] {
  const { command: [program = '', ...words] = [], workingDir } = run;
  if (run.package === undefined || workingDir !== undefined || /[\\/]/.test(program)) return [];
  const file = words.find((word) => FILE.test(word));
  if (file === undefined) return [];
  const path = ['spec', 'run', 'workingDir'];
  const message = `spec.run.workingDir: not set, so "${file}" is not looked for in the package; set workingDir: "."`;
  return [cause('FieldValueRequired', path, message)];
}
