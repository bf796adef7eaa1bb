export interface Server {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 2181;

/** Parses `host[:port],[ipv6]:port,…[/chroot]`. `chroot` is '' when there is none. Throws TypeError. */
export function parseConnectString(text: string): { servers: Server[]; chroot: string } {
  const slash = text.indexOf('/');
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 ? '' : text.slice(slash).replace(/\/+$/, '');
  const servers = hosts
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseServer);
  if (servers.length === 0) throw new TypeError(`no server in the connect string ${JSON.stringify(text)}`);
  return { servers, chroot };
}

function parseServer(text: string): Server {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (host === undefined || port < 1 || port > 65535) throw new TypeError(`not a server address: ${text}`);
  return { host, port };
}

/** The servers in random order, taken in turn, so that clients spread over an ensemble and a failed one is tried last. */
export class ServerRotation {
  readonly size: number;
  private readonly servers: readonly Server[];
  private position = 0;

  constructor(servers: readonly Server[], random: () => number) {
    this.servers = shuffle(servers, random);
    this.size = servers.length;
  }

  next(): Server {
    const server = this.servers[this.position % this.size]!;
    this.position += 1;
    return server;
  }
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
