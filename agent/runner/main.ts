// Entry of the runner process; the build bundles it on its own, so that it stays small and starts fast.
import { messageOf } from '../../base/index.js';
import { openOwnLimits } from '../platform/index.js';
import { runRunner } from './runner-main.js';

runRunner(process.argv.slice(2), openOwnLimits).catch((error: unknown) => {
  process.stderr.write(`runner: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
