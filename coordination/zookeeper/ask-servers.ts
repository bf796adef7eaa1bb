// What the servers of a connect string say of themselves, each by its four-letter word `srvr`, before any session.
import { connect } from 'node:net';
import { parseConnectString, type Server } from './server-list.js';

/** A server that has not answered by then is not there, or stands still. */
const ANSWER_MS = 3000;
/** `srvr` answers in half a kilobyte. */
const ANSWER_MAX_BYTES = 64 * 1024;

export interface ServerAnswer {
  /** `host:port`. */
  readonly address: string;
  /** Why no connection came about, or why nothing came by it; absent when it answered. */
  readonly refused?: string;
  /** Absent of servers that do not tell: the embedded one, and those whose 4lw.commands.whitelist leaves `srvr` out. */
  readonly version?: string;
  /** leader, follower, observer or standalone. */
  readonly mode?: string;
  /** It listens, and has no quorum. */
  readonly withoutQuorum: boolean;
}

/** In the order of the connect string; never rejects for a server. Throws TypeError for what is no connect string. */
export async function askServers(connectString: string): Promise<ServerAnswer[]> {
  return Promise.all(parseConnectString(connectString).servers.map(askServer));
}

async function askServer(server: Server): Promise<ServerAnswer> {
  const address = server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`;
  try {
    return { address, ...read(await answerOf(server)) };
  } catch (error) {
    return { address, refused: wordsOf(error as Error), withoutQuorum: false };
  }
}

function read(text: string): Omit<ServerAnswer, 'address'> {
  const version = /^Zookeeper version: ([^\s,]+)/m.exec(text)?.[1];
  const mode = /^Mode: (\S+)/m.exec(text)?.[1];
  return {
    ...(version === undefined ? {} : { version }),
    ...(mode === undefined ? {} : { mode }),
    withoutQuorum: text.includes('not currently serving requests'),
  };
}

/** Also '' of a server that takes the word for a broken request and ends the connection. */
function answerOf({ host, port }: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    let connected = false;
    let text = '';
    const socket = connect({ host, port });
    const end = (error?: Error) => {
      clearTimeout(late);
      socket.destroy();
      // What ends the connection after it was made is an answer too.
      if (error === undefined || (connected && 'code' in error)) resolve(text);
      else reject(error);
    };
    const late = setTimeout(() => end(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    socket.setEncoding('latin1');
    socket.once('connect', () => {
      connected = true;
      socket.write('srvr');
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_MAX_BYTES) end();
    });
    socket.once('error', end);
    socket.once('close', () => end());
  });
}

/** Of a name with several addresses Node tells the causes inside. */
function wordsOf(error: Error): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return (first as NodeJS.ErrnoException).code ?? first.message;
}
