// ctask audit writes: who wrote what (row A-34), and whether the record of it is whole.
import type { Command } from 'commander';
import { CloudTaskError } from '../../../base/index.js';
import type { AuditAnchor, AuditEntry } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { type Query, resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { Table } from '../../output/table.js';
import { isoTime } from '../../output/times.js';
import { parseTargets, usage } from '../../resources/target.js';
import { addSince, parseSince } from './since.js';

export interface WritesFlags {
  by?: string;
  verb?: string;
  since: string;
  headers: boolean;
  output?: string;
  verify: boolean;
}

interface Page {
  readonly metadata: { readonly continue?: string; readonly head: AuditAnchor; readonly anchor: AuditAnchor };
  readonly items: readonly AuditEntry[];
}

const HEADERS = ['SEQ', 'TIME', 'USER', 'VERB', 'OBJECT', 'STATUS', 'SOURCE', 'REQUEST'];
const PATH = resourcePath('auditentries');

export function defineWrites(audit: Command, deps: CliDeps): void {
  const command = audit
    .command('writes')
    .description('Show who changed what, or tried to; for administrators')
    .argument('[object...]', 'TYPE, TYPE/NAME or TYPE NAME; everything unless given')
    .option('--by <user>', 'only what this user sent')
    .option('--verb <verb>', 'only this verb: create, update, patch, apply, delete, suspend, run …');
  addSince(command, '; 0 for all that is kept')
    .option('--verify', 'check the chain of all entries instead; ends with 1 when one is broken', false)
    .option('--no-headers', 'leave out the header line')
    .option('-o, --output <format>', 'json, yaml, or ndjson: an entry per line, as it comes');
  addExamples(command, [
    { say: 'The last 24 hours', run: 'ctask audit writes' },
    { say: 'Who changed one task', run: 'ctask audit writes task/hello --since 30d' },
    { say: 'Export, for another system', run: 'ctask audit writes --since 0 -o ndjson' },
    { say: 'Prove that no entry was changed or removed', run: 'ctask audit writes --verify' },
  ]).action((words: string[], _flags: WritesFlags, self: Command) =>
    // The parent has flags of the same names, and commander gives it what stands behind the subcommand, too.
    runWrites(words, self.optsWithGlobals<WritesFlags>(), deps),
  );
}

export async function runWrites(words: readonly string[], flags: WritesFlags, deps: CliDeps): Promise<void> {
  const output = checkFormat(flags.output, ['json', 'yaml', 'ndjson'] as const);
  if (flags.verify) return verify(words, flags, deps);
  const query = await queryOf(words, flags, deps);
  const api = await deps.api();
  if (output === 'ndjson') {
    for await (const { items } of pages(api, query)) {
      if (items.length > 0) await deps.out(items.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    }
    return;
  }
  if (output !== undefined) {
    const items: AuditEntry[] = [];
    for await (const page of pages(api, query)) items.push(...page.items);
    return deps.out(await renderObject({ kind: 'AuditEntryList', apiVersion: 'cloudtask.dev/v1', items }, output));
  }
  const table = new Table({ headers: HEADERS, noHeaders: !flags.headers });
  let found = false;
  for await (const { items } of pages(api, query)) {
    found ||= items.length > 0;
    await deps.out(table.render(items.map(cells)));
  }
  if (!found) await deps.say('No writes found.');
}

/** From entry to entry, so that a page that was cut off is asked for again; ends with what was the latest entry at first. */
async function* pages(api: Api, query: Query): AsyncGenerator<Page> {
  let last: number | undefined;
  for (let after = '0'; ; ) {
    const page = await api.get<Page>(PATH, { ...query, after });
    last ??= page.metadata.head.sequence;
    yield page;
    const next = page.metadata.continue;
    if (next === undefined || Number(next) >= last) return;
    after = next;
  }
}

async function queryOf(words: readonly string[], flags: WritesFlags, deps: CliDeps): Promise<Query> {
  const { by: user, verb } = flags;
  const sinceMs = parseSince(flags.since);
  const { namespace, namespaceGiven } = await deps.settings();
  const targets = words.length === 0 ? [] : await parseTargets(words, await deps.discovery());
  const [target, ...others] = targets;
  if (others.length > 0 || (target?.names?.length ?? 0) > 1) throw usage('one object, or one type, at a time');
  const name = target?.names?.[0];
  const inNamespace = namespaceGiven || (name !== undefined && target!.resource.namespaced);
  return {
    ...{ user, verb, kind: target?.resource.kind, name },
    namespace: inNamespace ? namespace : undefined,
    since: sinceMs === 0 ? undefined : isoTime(deps.clock.now() - sinceMs),
  };
}

/** Every hash is computed here: the center's word is not taken for it. */
async function verify(words: readonly string[], flags: WritesFlags, deps: CliDeps): Promise<void> {
  if (words.length > 0 || flags.by !== undefined || flags.verb !== undefined) {
    throw usage('--verify is about all entries: nothing can be chosen');
  }
  const { AuditChain } = await import('../../heavy/manifests.js');
  const api = await deps.api();
  let chain: InstanceType<typeof AuditChain> | undefined;
  for await (const { items, metadata } of pages(api, {})) {
    chain ??= new AuditChain(metadata.anchor);
    for (const entry of items) if (!chain.add(entry)) break;
    if (chain.broken !== undefined) break;
  }
  const { broken, checked, head } = chain!;
  if (broken === undefined) {
    return deps.out(`${checked} entries are whole, up to ${head.sequence} with hash ${head.hash}\n`);
  }
  throw new CloudTaskError('CT_AUDIT_BROKEN', `entry ${broken.sequence} of the audit is broken: ${broken.why}`);
}

function cells(entry: AuditEntry): string[] {
  const { kind, namespace, name, omitted } = entry;
  const where = namespace === '' ? '' : `${namespace}/`;
  const object = kind === '' ? '<several>' : `${kind.toLowerCase()} ${where}${name}`;
  return [
    ...[String(entry.sequence), entry.time],
    `${entry.user === '' ? '<none>' : entry.user}${entry.as === undefined ? '' : ` as ${entry.as}`}`,
    ...[entry.verb, object, `${entry.status}${omitted === undefined ? '' : ` (and ${omitted} before)`}`],
    ...[entry.sourceIP === '' ? 'center' : entry.sourceIP, entry.requestId === '' ? '-' : entry.requestId],
  ];
}
