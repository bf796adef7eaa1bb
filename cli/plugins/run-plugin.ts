// Starts a plugin in place of a command: its terminal, its signals and its exit code are ours.
import { CloudTaskError, messageOf } from '../../base/index.js';
import { resolveSettings } from '../client/settings.js';
import { processExitCode } from '../exit-codes.js';
import type { Host } from '../host.js';
import { findPlugin } from './find-plugins.js';

/** Resolves with the exit code of the plugin for `argv`, or with undefined when there is none. */
export async function runPlugin(argv: readonly string[], host: Host): Promise<number | undefined> {
  const plugin = findPlugin(argv, host);
  if (plugin === undefined) return undefined;
  const { spawn } = await import('node:child_process');
  const environment = { ...host.env, ...(await contextOf(host)) };
  // Ctrl-C reaches the plugin as well, and it decides what that means.
  const release = host.onInterrupt(() => undefined);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(plugin.file, argv.slice(plugin.words), { stdio: 'inherit', env: environment });
      child.on('error', reject);
      child.on('exit', (code, signal) =>
        resolve(processExitCode(signal === null ? { exitCode: code ?? 1 } : { signal }) ?? 1),
      );
    });
  } catch (error) {
    throw new CloudTaskError('CT_USAGE', { subject: plugin.file, detail: messageOf(error), cause: error });
  } finally {
    release();
  }
}

/** What a plugin needs to talk to the same center, where the environment does not say it already. The token stays in its file. */
async function contextOf(host: Host): Promise<Record<string, string>> {
  try {
    const { servers, namespace, context } = await resolveSettings(host, {});
    return {
      CTASK_NAMESPACE: namespace,
      ...(servers.length === 0 ? {} : { CTASK_SERVER: servers.join(',') }),
      ...(context === undefined ? {} : { CTASK_CONTEXT: context.name }),
    };
  } catch {
    return {}; // a plugin that needs no center works with a broken configuration, too
  }
}
