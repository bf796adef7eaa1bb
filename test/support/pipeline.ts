// Runs the steps of a pipeline file as the shell commands they are, in a directory, with what a runner would give them.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { program } from './ctask.js';

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface StepOutcome {
  readonly name: string;
  readonly code: number | null;
  readonly output: string;
}

/** Values of `${{ … }}`: `github.event_name`, `inputs.mode`, `steps.diff.outputs.changed` … */
export type Expressions = Readonly<Record<string, string>>;

export function readYaml<T>(file: string): T {
  return parse(readFileSync(file, 'utf8')) as T;
}

/** A directory with `ctask` in it, to be put on the PATH. */
export function ctaskOnPath(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'ctask');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(file, 0o755);
  return directory;
}

/** Replaces expressions; one that the runner would not know is a mistake of the file. */
export function evaluated(text: string, values: Expressions): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`unknown expression ${name}`);
    return value;
  });
}

/** Understands `name == 'value'`, which is all that our files say. */
function holds(condition: string | undefined, values: Expressions): boolean {
  if (condition === undefined) return true;
  const match = /^([\w.-]+) == '([^']*)'$/.exec(condition);
  if (match === null) throw new Error(`condition ${condition} is not understood`);
  return evaluated(`\${{ ${match[1]} }}`, values) === match[2];
}

/** Runs the steps one after the other as GitHub does (`bash -eo pipefail`), until one fails. */
export async function runSteps(
  steps: readonly Step[],
  values: Expressions,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const step of steps) {
    if (step.run === undefined || !holds(step.if, values)) continue;
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, evaluated(String(value), values)]);
    const env = { ...options.env, ...Object.fromEntries(own) };
    const outcome = { name: step.name ?? step.run, ...(await shell(step.run, options.cwd, env)) };
    outcomes.push(outcome);
    if (outcome.code !== 0) break;
  }
  return outcomes;
}

export function shell(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
    const child = spawn('bash', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

export interface Forge {
  readonly url: string;
  readonly comments: { readonly id: number; body: string }[];
  /** Method, path and token of each request. */
  readonly requests: string[];
}

/** The part of GitHub's and GitLab's API that keeps comments of a change request. */
export async function startForge(t: Test): Promise<Forge> {
  const comments: Forge['comments'] = [];
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { method = '', url = '', headers } = request;
    requests.push(`${method} ${url} ${headers.authorization ?? headers['private-token'] ?? ''}`);
    const { body } = (text === '' ? {} : JSON.parse(text)) as { body?: string };
    const found = comments.find(({ id }) => url.endsWith(`/${id}`));
    if (method === 'POST') comments.push({ id: 100 + comments.length, body: body ?? '' });
    else if (found !== undefined && body !== undefined) found.body = body;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(method === 'GET' ? comments : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, comments, requests };
}
