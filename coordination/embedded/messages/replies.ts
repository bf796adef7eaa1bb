import { STATE_SYNC_CONNECTED, Xid } from '../../jute/codes.js';
import { writeConnectResponse, writeReplyHeader, writeWatcherEvent } from '../../jute/records.js';
import { JuteWriter } from '../../jute/writer.js';
import type { Session } from '../sessions/session-table.js';

const NO_PASSWORD = Buffer.alloc(16);

export function replyPacket(
  header: { readonly xid: number; readonly zxid: bigint; readonly error: number },
  writeBody?: (writer: JuteWriter) => void,
): Buffer {
  const writer = new JuteWriter(128);
  writeReplyHeader(writer, header);
  writeBody?.(writer);
  return writer.packet();
}

export function eventPacket(event: { readonly type: number; readonly path: string }): Buffer {
  const writer = new JuteWriter(64);
  // A notification has no zxid of its own (NIOServerCnxn.process).
  writeReplyHeader(writer, { xid: Xid.notification, zxid: -1n, error: 0 });
  writeWatcherEvent(writer, { ...event, state: STATE_SYNC_CONNECTED });
  return writer.packet();
}

/** Answer to a connect request; without a session it says that the one asked for has expired. */
export function connectPacket(session: Session | undefined, withReadOnly: boolean): Buffer {
  const writer = new JuteWriter(64);
  writeConnectResponse(writer, {
    protocolVersion: 0,
    timeoutMs: session?.timeoutMs ?? 0,
    sessionId: session?.id ?? 0n,
    password: session?.password ?? NO_PASSWORD,
    readOnly: withReadOnly ? false : undefined,
  });
  return writer.packet();
}
