// REF-H and REF-N: what a bare Node process reaches. One heap, one timer, spawn with two pipes, nothing else.
//   node reference-herd.mjs herd <count> <stamp program> <stamp file>     <count> starts due at one instant
//   node reference-herd.mjs seconds <rate> <seconds> <stamp program> <stamp file>   <rate> starts due on each second
//   node reference-herd.mjs rate <total> <concurrency> <program>          starts and awaits <total>, prints runs/s
import { spawn } from 'node:child_process';

const [, , mode, ...rest] = process.argv;

function start(program, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    child.once('error', reject);
    child.once('close', resolve);
  });
}

if (mode === 'herd') {
  const [count, program, file] = rest;
  const due = Math.ceil((Date.now() + 1000) / 1000) * 1000;
  const env = { CTASK_SCHEDULED_TIME: new Date(due).toISOString(), STAMP_FILE: file };
  const fire = async () => {
    if (Date.now() < due) return void setTimeout(fire, due - Date.now());
    await Promise.all(Array.from({ length: Number(count) }, () => start(program, env)));
  };
  setTimeout(fire, due - Date.now());
} else if (mode === 'seconds') {
  const [rate, seconds, program, file] = rest;
  const first = Math.ceil((Date.now() + 1000) / 1000) * 1000;
  for (let second = 0; second < Number(seconds); second++) {
    const due = first + second * 1000;
    const env = { CTASK_SCHEDULED_TIME: new Date(due).toISOString(), STAMP_FILE: file };
    const fire = () => {
      if (Date.now() < due) return void setTimeout(fire, due - Date.now());
      for (let i = 0; i < Number(rate); i++) start(program, env);
    };
    setTimeout(fire, due - Date.now());
  }
} else {
  const [total, concurrency, program] = rest;
  const began = performance.now();
  let left = Number(total);
  const worker = async () => {
    while (left-- > 0) await start(program, {});
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
  console.log(JSON.stringify({ rate: Number(total) / ((performance.now() - began) / 1000) }));
}
