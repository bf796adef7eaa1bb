import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { type RunReport, runRank } from '../../manifests/index.js';
import type { ClaimIntent, Journal, JournalState } from './journal.js';
import { openJournal } from './open-journal.js';

t.setTimeout(120_000);
const appender = fileURLToPath(new URL('./fixtures/appender.ts', import.meta.url));

const report = (uid: string, state: RunReport['state'], attempt = 1) => ({ uid, state, attempt }) as RunReport;
const claim = (claimId: string) => ({ claimId, report: report(claimId, 'Pending') }) as ClaimIntent;

function newDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'ctask-journal-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

function journalIn(directory: string, compactAtBytes?: number): Journal {
  const more = compactAtBytes === undefined ? {} : { compactAtBytes };
  return openJournal({ directory, clock: systemClock, log: silentLogger, ...more });
}

/** What a new process would find; a clean close first, unless the journal is to look killed. */
async function stateAfter(directory: string): Promise<JournalState> {
  const journal = journalIn(directory);
  const state = await journal.open();
  await journal.close();
  return state;
}

function fileOf(directory: string): string {
  const [name, ...others] = readdirSync(directory);
  if (name === undefined || others.length > 0)
    throw new Error(`expected one file, found ${[name, ...others].join(' ')}`);
  return join(directory, name);
}

t.test('keeps unresolved claims and unacknowledged reports', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory);
  t.same([...(await journal.open()).claims], []);
  await journal.append({ type: 'claim', claim: claim('a') }, { type: 'claim', claim: claim('b') });
  await journal.append({ type: 'resolved', claimId: 'a' });
  await journal.append({ type: 'report', report: report('one', 'Running') });
  await journal.append({ type: 'report', report: report('two', 'Running') });
  await journal.append({ type: 'acknowledged', runUid: 'two', rank: runRank('Running', 1) });
  await journal.append({ type: 'shipped', runUid: 'two', attempt: 1 });
  t.same([...journal.state.claims.keys()], ['b']);
  await journal.close();
  await t.rejects(journal.append({ type: 'resolved', claimId: 'b' }), { code: 'CT_JOURNAL' });
  const state = await stateAfter(directory);
  t.same([...state.claims], [['b', claim('b')]]);
  t.same([...state.reports.keys()], ['one']);
});

t.test('a state never goes backwards, an old acknowledgement removes nothing newer', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory);
  await journal.open();
  await Promise.all([
    journal.append({ type: 'report', report: report('run', 'Succeeded') }),
    journal.append({ type: 'report', report: report('run', 'Running') }),
    journal.append({ type: 'acknowledged', runUid: 'run', rank: runRank('Running', 1) }),
  ]);
  t.equal(journal.state.reports.get('run')?.state, 'Succeeded');
  await journal.append({ type: 'acknowledged', runUid: 'run', rank: runRank('Succeeded', 1) });
  t.equal(journal.state.reports.size, 0);
  await journal.close();
});

t.test('compaction keeps the state and bounds the file', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory, 10_000);
  await journal.open();
  for (let i = 0; i < 500; i++) {
    await journal.append({ type: 'claim', claim: claim(`c${i}`) });
    if (i % 50 !== 0) await journal.append({ type: 'resolved', claimId: `c${i}` });
  }
  await journal.close();
  t.ok(readFileSync(fileOf(directory)).length < 12_000);
  t.same(
    [...(await stateAfter(directory)).claims.keys()],
    [0, 50, 100, 150, 200, 250, 300, 350, 400, 450].map((i) => `c${i}`),
  );
});

t.test('an interrupted compaction is forgotten', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory);
  await journal.open();
  await journal.append({ type: 'claim', claim: claim('a') });
  await journal.close();
  writeFileSync(join(directory, 'journal.2.tmp'), 'half');
  t.same([...(await stateAfter(directory)).claims.keys()], ['a']);
  t.same(readdirSync(directory), ['journal.1.log']);
});

t.test('a torn tail is cut, wherever it is torn, and the journal goes on', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory);
  await journal.open();
  await journal.append({ type: 'claim', claim: claim('kept') });
  const kept = readFileSync(fileOf(directory)).length;
  await journal.append({ type: 'claim', claim: claim('torn') }, { type: 'claim', claim: claim('torn too') });
  const whole = readFileSync(fileOf(directory));
  await journal.close();
  for (let length = kept; length < whole.length; length += 7) {
    writeFileSync(fileOf(directory), whole.subarray(0, length));
    const next = journalIn(directory);
    const state = await next.open();
    // What was appended together is there together or not at all.
    t.same([...state.claims.keys()], ['kept'], `cut at ${length}`);
    await next.append({ type: 'claim', claim: claim('later') });
    await next.close();
    t.ok((await stateAfter(directory)).claims.has('later'));
  }
});

t.test('pages of the last group that a power cut lost are a torn tail, also with good lines behind them', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory);
  await journal.open();
  await journal.append({ type: 'claim', claim: claim('kept') });
  const kept = readFileSync(fileOf(directory)).length;
  await journal.append({ type: 'claim', claim: claim('lost') }, { type: 'claim', claim: claim('arrived') });
  const content = readFileSync(fileOf(directory));
  await journal.close();
  content.fill(0, kept, kept + 20);
  writeFileSync(fileOf(directory), content);
  t.same([...(await stateAfter(directory)).claims.keys()], ['kept']);
});

t.test('damage to what was acknowledged is never passed over', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory);
  await journal.open();
  for (const id of ['a', 'b', 'c']) await journal.append({ type: 'claim', claim: claim(id) });
  await journal.close();
  const path = fileOf(directory);
  const good = readFileSync(path);
  const lastLine = good.lastIndexOf('\n', good.length - 2) + 1;
  for (let at = 0; at < lastLine; at += 3) {
    const flipped = Buffer.from(good);
    flipped[at] = (flipped[at] ?? 0) ^ 0x04;
    writeFileSync(path, flipped);
    await t.rejects(journalIn(directory).open(), { code: 'CT_JOURNAL' }, `bit flipped in byte ${at}`);
  }
});

t.test('a journal that cannot be written says so, and stays failed as long as that lasts', async (t) => {
  const directory = newDirectory(t);
  const journal = journalIn(directory, 200);
  await journal.open();
  rmSync(directory, { recursive: true });
  await t.rejects(
    async () => {
      for (let i = 0; i < 10; i++) await journal.append({ type: 'claim', claim: claim(`c${i}`) });
    },
    { code: 'CT_JOURNAL' },
    'found out when it is compacted',
  );
  await t.rejects(journal.append({ type: 'resolved', claimId: 'c0' }), { code: 'CT_JOURNAL' });
  await journal.close();
});

t.test('kill -9 at any moment: everything that was acknowledged is there', async (t) => {
  const directory = newDirectory(t);
  const acknowledged = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--import=tsx', appender, directory, String(round)], {
      stdio: ['ignore', 'pipe', 2],
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > 300 * (round + 1)) child.kill('SIGKILL');
    });
    await once(child, 'close');
    for (const id of text.split('\n').slice(0, -1)) acknowledged.add(id);
    const { claims } = await stateAfter(directory);
    t.same(
      [...acknowledged].filter((id) => !claims.has(id)),
      [],
      `round ${round}: ${acknowledged.size} acknowledged`,
    );
  }
  t.ok(acknowledged.size > 100);
});

t.test('a disk that takes the beginning of a write only: nothing of that write is acknowledged', async (t) => {
  for (const blocks of [40, 47, 54, 61]) {
    const directory = newDirectory(t);
    // As a disk that becomes full: the write that reaches the limit is cut short, and only the next one is refused.
    const script = `ulimit -f ${blocks} && exec "$0" --import=tsx "$1" "$2" full`;
    const child = spawn('/bin/sh', ['-c', script, process.execPath, appender, directory], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TSX_DISABLE_CACHE: '1' }, // the limit holds for all files
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    t.not(code, 0, 'the journal refused');
    const acknowledged = text.split('\n').slice(0, -1);
    const { claims } = await stateAfter(directory);
    t.same(
      acknowledged.filter((id) => !claims.has(id)),
      [],
      `${acknowledged.length} acknowledged in ${blocks} blocks`,
    );
    t.ok(acknowledged.length > 20);
  }
});
