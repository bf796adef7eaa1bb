// Every field of every kind with what somebody writes who means harm: it is refused in words, or comes back as it was written, one
// line each in the audit. The fields come from the schemas, so a new one is in it from its first day.
import type { TSchema } from '@sinclair/typebox';
import t, { type Test } from 'tap';
import { type AuditEntry, kinds } from '../../manifests/index.js';
import { API, reportOf, startApi, type TestApi, taskManifest } from '../../test/support/api.js';
import { HOSTILE, HUGE } from '../../test/support/hostile-strings.js';

type Path = readonly (string | number)[];

/** What is needed besides, so that a field of it can be tried. */
const BASE: Record<string, object> = {
  Task: taskManifest('x').spec,
  Package: { digest: `sha256:${'0'.repeat(64)}` },
  Calendar: { days: ['2026-12-25'] },
  Secret: { stringData: { key: 'value' } },
  Role: { rules: [{ verbs: ['get'], kinds: ['Task'] }] },
  RoleBinding: { role: 'viewer', subjects: [{ kind: 'User', name: 'x' }] },
  ClusterRoleBinding: { role: 'viewer', subjects: [{ kind: 'User', name: 'x' }] },
};

/** Values of secrets never come back; finalizers and pins of calendars are the center's own, whatever is sent. */
const NOT_TOLD = /^Secret\.spec|^\w+\.metadata\.finalizers|^Task\.spec\.calendars/;

t.test('abuse: no string of a manifest does anything but stand there', { timeout: 240_000 }, async (t) => {
  const api = await startApi(t);
  let [sent, stored, fields] = [0, 0, 0];
  for (const row of kinds.filter(({ applicable }) => applicable)) {
    const paths = [...stringsOf(row.schema)].filter(([first]) => first === 'spec' || first === 'metadata');
    t.ok(paths.length > 0, `${row.kind} has fields`);
    fields += paths.length;
    for (const [index, path] of paths.entries()) {
      for (const [which, text] of HOSTILE.entries()) {
        const metadata = { name: `x${index}-${which}`, ...(row.namespaced ? { namespace: 'default' } : {}) };
        const object = { apiVersion: 'cloudtask.dev/v1', kind: row.kind, metadata, spec: BASE[row.kind] ?? {} };
        const answer = await api.request('POST', `${API}/apply`, { body: { objects: [withText(object, path, text)] } });
        sent += 1;
        const wrong = wrongWith(answer);
        if (wrong !== undefined) t.fail(`${row.kind} ${path.join('.')} ${JSON.stringify(text)}: ${wrong}`);
        if (answer.status !== 200) continue;
        stored += 1;
        const back = answer.json.results[0].object;
        if (
          !NOT_TOLD.test(`${row.kind}.${path.join('.')}`) &&
          !JSON.stringify(back).includes(JSON.stringify(text).slice(1, -1))
        ) {
          t.fail(`${row.kind} ${path.join('.')} ${JSON.stringify(text)}: it came back otherwise`);
        }
      }
      const huge = withText({ ...skeleton(row.kind, row.namespaced) }, path, HUGE);
      const answer = await api.request('POST', `${API}/apply`, { body: { objects: [huge], dryRun: true } });
      if (answer.status >= 500) t.fail(`${row.kind} ${path.join('.')} with a megabyte: ${answer.status}`);
      // A message does not say it all again.
      if (answer.status !== 200 && answer.text.length > 100_000) t.fail(`${row.kind} ${path.join('.')}: a long answer`);
    }
  }
  t.ok(fields > 80 && stored > 100 && sent - stored > 100, `${fields} fields: ${stored} of ${sent} stored`);
  await auditIsLines(t, api);
});

t.test('abuse: no string of an agent, a user name or a path does', async (t) => {
  const api = await startApi(t);
  const [task] = await api.apply(taskManifest('a'));
  for (const [index, text] of [...HOSTILE, HUGE].entries()) {
    const login = await api.request('POST', '/auth/login', { token: null, body: { username: text, password: text } });
    t.ok([401, 429].includes(login.status), login.text.slice(0, 200));
    t.equal(wrongWith(login), undefined);
    const query = encodeURIComponent(text.slice(0, 2000));
    for (const path of [`namespaces/${query.slice(0, 400)}/tasks`, `tasks?labelSelector=${query}`, `tasks/${query}`]) {
      t.equal(wrongWith(await api.request('GET', `${API}/${path}`)), undefined, path.slice(0, 60));
    }
    const report = reportOf(task as never, Date.UTC(2026, 0, 1 + index), {
      state: 'Failed',
      message: text.slice(0, 2000),
    } as never);
    const sent = await api.request('POST', `${API}/agents/a1/reports`, {
      token: api.agentToken,
      body: { reports: [report] },
    });
    t.ok(sent.status < 500, sent.text.slice(0, 200));
  }
  const { status, json } = await api.request('GET', `${API}/runs`);
  t.equal(status, 200);
  t.ok(json.items.length > 0, 'some of it is there to be read');
  await auditIsLines(t, api);
});

function skeleton(kind: string, namespaced: boolean): object {
  const metadata = { name: 'huge', ...(namespaced ? { namespace: 'default' } : {}) };
  return { apiVersion: 'cloudtask.dev/v1', kind, metadata, spec: BASE[kind] ?? {} };
}

function wrongWith({ status, headers, json }: Awaited<ReturnType<TestApi['request']>>): string | undefined {
  if (status >= 500) return `status ${status}`;
  if (json === undefined) return 'no JSON';
  if (headers.get('set-cookie') !== null) return 'a cookie';
  if (headers.get('x-content-type-options') !== 'nosniff') return 'a browser may take it for a page';
  return undefined;
}

/** One entry a line, whatever stands in it. */
async function auditIsLines(t: Test, api: TestApi): Promise<void> {
  const { text } = await api.request('GET', `${API}/auditentries?format=ndjson`);
  const entries = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntry);
  t.same(
    entries.map(({ sequence }) => sequence),
    entries.map((_, i) => i + 1),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f]/, 'and no control character but the line feeds');
}

/** Where the schema takes a text. */
function* stringsOf(schema: TSchema, path: Path = [], depth = 0): Generator<Path> {
  if (depth > 10) return;
  const variants = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as TSchema[] | undefined;
  if (variants !== undefined) {
    const seen = new Set<string>();
    for (const variant of variants) {
      for (const found of stringsOf(variant, path, depth + 1)) {
        if (!seen.has(found.join('.'))) yield found;
        seen.add(found.join('.'));
      }
    }
    return;
  }
  if (schema.type === 'string' || schema.const !== undefined) yield path;
  for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, TSchema>)) {
    yield* stringsOf(inner, [...path, name], depth + 1);
  }
  if (schema.type === 'array' && schema.items !== undefined) {
    yield* stringsOf(schema.items as TSchema, [...path, 0], depth + 1);
  }
  for (const inner of Object.values((schema.patternProperties ?? {}) as Record<string, TSchema>)) {
    yield* stringsOf(inner, [...path, 'key'], depth + 1);
  }
  if (typeof schema.additionalProperties === 'object') {
    yield* stringsOf(schema.additionalProperties as TSchema, [...path, 'key'], depth + 1);
  }
}

/** A copy with this text there. */
function withText(object: object, path: Path, text: string): object {
  const copy = structuredClone(object) as Record<string | number, unknown>;
  let at = copy;
  for (const [i, step] of path.slice(0, -1).entries()) {
    const next = at[step];
    if (typeof next !== 'object' || next === null) at[step] = typeof path[i + 1] === 'number' ? [] : {};
    at = at[step] as Record<string | number, unknown>;
  }
  at[path.at(-1)!] = text;
  return copy;
}
