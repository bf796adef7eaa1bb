import { rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../../../base/index.js';
import { JuteReader } from '../../jute/reader.js';
import { readAcl, writeAcl } from '../../jute/records.js';
import { JuteWriter } from '../../jute/writer.js';
import type { Session } from '../sessions/session-table.js';
import type { StateMachine } from '../state-machine.js';
import type { Node } from '../tree/node.js';
import { FrameWriter, readFrameFile } from './frame-file.js';
import { damaged, Restoration } from './restore.js';

const TAG = { nodes: 1, sessions: 2, end: 3 } as const;
/** Between two frames the event loop gets its turn; a frame of this size takes about a millisecond to encode. */
const FRAME_BYTES = 256 << 10;

/**
 * Writes the state while it goes on changing: a node may be written with changes after `zxid`, and what is created or
 * deleted meanwhile may be in it or not. That is sound because all transactions after `zxid` are replayed onto it, and
 * because the file becomes a snapshot (by its name) only when everything it may contain is durable in the journal.
 *
 * @param durable resolves once the journal has made the given zxid durable
 */
export async function writeSnapshot(
  path: string,
  zxid: bigint,
  machine: StateMachine,
  durable: (zxid: bigint) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.tmp`;
  await unlink(temporary).catch(() => undefined); // what an earlier process left; usually there is none
  const file = await FrameWriter.create(temporary, 'CTsnaps1', zxid);
  try {
    const nodes = await writeNodes(file, machine);
    const sessions = [...machine.sessions.all()];
    await file.append(sessionsFrame(sessions));
    const end = machine.zxid;
    const trailer = new JuteWriter().int(TAG.end).long(end).long(machine.sessions.highestId);
    await file.append(trailer.int(nodes).int(sessions.length).content());
    await file.sync();
    await durable(end);
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

async function writeNodes(file: FrameWriter, machine: StateMachine): Promise<number> {
  let count = 0;
  let writer = new JuteWriter(FRAME_BYTES).int(TAG.nodes);
  for (const [path, node] of machine.tree.entries()) {
    writeNode(writer, path, node);
    count++;
    if (writer.length < FRAME_BYTES) continue;
    await file.append(writer.content());
    writer = new JuteWriter(FRAME_BYTES).int(TAG.nodes);
  }
  await file.append(writer.content());
  return count;
}

function writeNode(writer: JuteWriter, path: string, node: Node): void {
  writer.string(path).buffer(node.data).vector(node.acl, writeAcl);
  writer.long(node.czxid).long(node.mzxid).long(node.pzxid).long(BigInt(node.ctime)).long(BigInt(node.mtime));
  writer.int(node.version).int(node.childCreations).int(node.aversion).long(node.ephemeralOwner);
}

function sessionsFrame(sessions: readonly Session[]): Buffer {
  const writer = new JuteWriter(FRAME_BYTES).int(TAG.sessions);
  for (const { id, timeoutMs, password } of sessions) writer.long(id).int(timeoutMs).buffer(password);
  return writer.content();
}

export interface LoadedSnapshot {
  readonly restoration: Restoration;
  /** Transactions up to this one must be found in the journal, or the snapshot is ahead of it. */
  readonly completeFrom: bigint;
}

/** Throws when the file is not exactly as it was written: it got its name only when it was whole. */
export async function readSnapshot(path: string): Promise<LoadedSnapshot> {
  const content = await readFrameFile(path, 'CTsnaps1');
  if (content === undefined || content.state !== 'whole') throw damaged(`snapshot "${path}" is not as it was written`);
  const restoration = new Restoration(content.zxid, new Map());
  let counts = { nodes: 0, sessions: 0 };
  for (const frame of content.frames) {
    const reader = new JuteReader(frame);
    const tag = reader.int();
    if (tag === TAG.nodes) counts.nodes += readNodes(reader, restoration);
    else if (tag === TAG.sessions) counts.sessions += readSessions(reader, restoration);
    else {
      const completeFrom = reader.long();
      restoration.highestSession = reader.long();
      const complete = reader.int() === counts.nodes && reader.int() === counts.sessions;
      if (!complete) throw damaged(`snapshot "${path}" lacks some of its nodes`);
      counts = { nodes: 0, sessions: 0 };
      return { restoration, completeFrom };
    }
  }
  throw damaged(`snapshot "${path}" has no end`);
}

function readNodes(reader: JuteReader, restoration: Restoration): number {
  let count = 0;
  while (reader.remaining > 0) {
    const path = reader.text();
    const data = reader.buffer();
    const acl = reader.vector(readAcl) ?? [];
    const [czxid, mzxid, pzxid] = [reader.long(), reader.long(), reader.long()];
    const [ctime, mtime] = [Number(reader.long()), Number(reader.long())];
    const [version, childCreations, aversion] = [reader.int(), reader.int(), reader.int()];
    const stat = { czxid, mzxid, pzxid, ctime, mtime, version, childCreations, aversion };
    restoration.putNode(path, { data, acl, ...stat, ephemeralOwner: reader.long(), children: undefined });
    count++;
  }
  return count;
}

function readSessions(reader: JuteReader, restoration: Restoration): number {
  let count = 0;
  while (reader.remaining > 0) {
    const [id, timeoutMs] = [reader.long(), reader.int()];
    restoration.putSession({ id, timeoutMs, password: Buffer.from(reader.buffer() ?? []) });
    count++;
  }
  return count;
}
