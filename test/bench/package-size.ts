// A large package through a center: how fast, and with how much memory. node --import=tsx test/bench/package-size.ts [MB]
// The center is a process of its own (this file with "serve"); what is sent is made on the fly and kept nowhere else.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { silentLogger, systemClock } from '../../base/index.js';
import { ApiServer } from '../../center/api/index.js';
import { Authenticator, ensureTokens } from '../../center/auth/index.js';
import { openSqliteStore } from '../../center/store/index.js';

const MB = 1024 * 1024;
/** As the command line sends it. */
const PIECE = 4 * MB;
const NAMESPACE = '/apis/cloudtask.dev/v1/namespaces/default';

async function serve(dataDir: string): Promise<void> {
  const clock = systemClock;
  const store = openSqliteStore({ path: `${dataDir}/store.db`, clock, log: silentLogger });
  await store.start(new AbortController().signal);
  const { adminTokenFile } = await ensureTokens({ dataDir, store });
  const auth = new Authenticator({ store, clock });
  const server = new ApiServer({ host: '127.0.0.1', port: 0, store, auth, clock, log: silentLogger });
  await server.start();
  process.stdout.write(`${JSON.stringify({ url: server.url, token: readFileSync(adminTokenFile, 'utf8').trim() })}\n`);
  await once(process.stdin, 'end').catch(() => undefined);
}

/** Resident memory of a process now and at its peak, MB. */
function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (field: string) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

async function measure(size: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ctask-package-bench-'));
  const program = fileURLToPath(import.meta.url);
  const center = spawn(process.execPath, ['--import=tsx', program, 'serve', dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(center.stdout), 'line')) as [string];
    const { url, token } = JSON.parse(line) as { url: string; token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
    const piece = randomBytes(PIECE);
    const pieces = Array.from({ length: Math.ceil(size / PIECE) }, (_, i) => Math.min(PIECE, size - i * PIECE));
    piece[0] = 0x1f;
    piece[1] = 0x8b;
    const hash = createHash('sha256');
    for (const length of pieces) hash.update(piece.subarray(0, length));
    const hex = hash.digest('hex');
    console.log(`center before: ${JSON.stringify(memory(center.pid!))} MB`);
    const began = systemClock.monotonic();
    let offset = 0;
    for (const length of pieces) {
      const path = `${NAMESPACE}/packages/large/uploads/${hex}?offset=${offset}&size=${size}`;
      const answer = await fetch(`${url}${path}`, { method: 'PUT', headers, body: piece.subarray(0, length) });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.arrayBuffer();
      offset += length;
    }
    const seconds = (systemClock.monotonic() - began) / 1000;
    console.log(`upload: ${seconds.toFixed(1)} s, ${(size / MB / seconds).toFixed(0)} MB/s, verified`);
    console.log(`center after the upload: ${JSON.stringify(memory(center.pid!))} MB`);
    const from = systemClock.monotonic();
    const answer = await fetch(`${url}/apis/cloudtask.dev/v1/agents/a/packages/${hex}`, { headers });
    const back = createHash('sha256');
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) back.update(chunk);
    const took = (systemClock.monotonic() - from) / 1000;
    const right = back.digest('hex') === hex;
    console.log(
      `download: ${took.toFixed(1)} s, ${(size / MB / took).toFixed(0)} MB/s, ${right ? 'the same' : 'OTHER'} bytes`,
    );
    console.log(`center after the download: ${JSON.stringify(memory(center.pid!))} MB`);
  } finally {
    center.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const [first = '500', second = ''] = process.argv.slice(2);
if (first === 'serve') await serve(second);
else await measure(Number(first) * MB);
