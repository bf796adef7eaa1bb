// The commands of ctask, as the dashboard calls them: in the namespace of an object, their words kept instead of printed. So
// `d` says what `ctask describe` says, and `e` edits as `ctask edit` does.

import type { Api } from '../../client/api.js';
import type { Resource } from '../../client/discovery.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import type { Output } from '../../host.js';
import { renderObject } from '../../output/objects.js';
import type { ApiObject } from '../../resources/api-object.js';

/** A client that ends with the signal. */
export type Connect = (signal: AbortSignal) => Promise<Api>;

export interface Captured {
  /** What went to stdout. */
  readonly out: string;
  /** What was told beside it, line by line. */
  readonly said: readonly string[];
}

export class Center {
  readonly deps: CliDeps;

  constructor(deps: CliDeps) {
    this.deps = deps;
  }

  /** Runs a command in a namespace; a terminal is there only when `terminal` says so. Throws what the command throws. */
  async capture(
    namespace: string | undefined,
    command: (deps: CliDeps) => Promise<void>,
    terminal = false,
  ): Promise<Captured> {
    const parts: string[] = [];
    const said: string[] = [];
    const before = await this.deps.settings();
    const settings = namespace === undefined ? before : { ...before, namespace };
    const { host } = this.deps;
    const output = (write: (text: string) => void): Output => ({
      isTTY: false,
      columns: undefined,
      write: async (data) => write(typeof data === 'string' ? data : Buffer.from(data).toString('utf8')),
    });
    const stdout = output((text) => void parts.push(text));
    const stderr = output((text) => void said.push(...text.split('\n').filter((line) => line !== '')));
    await command({
      ...this.deps,
      host: { ...host, homeDir: host.homeDir, stdin: { ...host.stdin, isTTY: terminal }, stdout, stderr },
      settings: async () => settings,
      out: (data) => stdout.write(data),
      say: (line) => stderr.write(line),
      // What the command would do at an interrupt is not asked for here.
      atInterrupt: () => undefined,
      setExit: () => undefined,
    });
    return { out: parts.join(''), said };
  }

  async yaml(resource: Resource, { metadata }: ApiObject, managedFields: boolean): Promise<string> {
    const api = await this.deps.api();
    const path = resourcePath(resource.name, resource.namespaced ? metadata.namespace : undefined, metadata.name);
    return renderObject(await api.get<ApiObject>(path), 'yaml', managedFields);
  }
}
