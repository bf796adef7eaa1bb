// Prometheus and promtool as Debian ships them (package prometheus): on a port and in a directory of their own.
import { spawn, spawnSync } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';

const START_DEADLINE_MS = 60_000;

function runs(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * True when Prometheus can be started. Otherwise the test is skipped by name, or fails when
 * CTASK_TEST_REQUIRE_PROMETHEUS=1; the caller then returns.
 */
export function requirePrometheus(t: Test): boolean {
  const missing = ['promtool', 'prometheus'].filter((program) => !runs(program)).join(', ');
  if (missing === '') return true;
  if (process.env.CTASK_TEST_REQUIRE_PROMETHEUS === '1') t.fail(`Prometheus is required: no ${missing} on PATH`);
  else t.pass('needs Prometheus', { skip: `no ${missing} on PATH (Debian: prometheus)` });
  return false;
}

/** What promtool says, on both streams. */
export function promtool(args: readonly string[], input = ''): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', [...args], { input, encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value as text. */
  readonly value: readonly [number, string];
}

export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export interface Prometheus {
  readonly url: string;
  /** The result of an instant query, a scalar as one series. Throws with what Prometheus says of a query that is wrong. */
  query(expression: string): Promise<Series[]>;
  targets(): Promise<Target[]>;
  /** State of each alert that is not inactive, by its name. */
  alerts(): Promise<Record<string, string>>;
}

/** Resolves when it answers; ended with the test. `configFile` may name files beside it. */
export async function startPrometheus(t: Test, configFile: string): Promise<Prometheus> {
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(t.testdirName, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Prometheus does not start:\n${said}`)), START_DEADLINE_MS);
    child.once('error', reject);
    void ended.then(() => reject(new Error(`Prometheus ended:\n${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('Server is ready to receive web requests')) return;
      clearTimeout(late);
      resolve();
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const ask = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  };
  return {
    url,
    async query(expression) {
      const data = await ask<{ resultType: string; result: unknown }>(`query?query=${encodeURIComponent(expression)}`);
      if (data.resultType === 'scalar') return [{ metric: {}, value: data.result as Series['value'] }];
      return data.result as Series[];
    },
    async targets() {
      return (await ask<{ activeTargets: Target[] }>('targets')).activeTargets;
    },
    async alerts() {
      const { alerts } = await ask<{ alerts: { labels: { alertname: string }; state: string }[] }>('alerts');
      return Object.fromEntries(alerts.map(({ labels, state }) => [labels.alertname, state]));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
