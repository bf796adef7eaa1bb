// Which machines notifications may go to. A Notifier is written by people of a namespace, who must not reach through the center what
// they cannot reach themselves: the machine it runs on, its network, the metadata service of a cloud.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { CloudTaskError } from '../../base/index.js';
import { codeWords, DeliveryError } from './delivery-error.js';

/** Blocks that are no addresses of the internet (IANA's registries of special addresses). */
const SPECIAL_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Within 2000::/3, which alone is given out: tunnels that lead to addresses of version 4, and examples. */
const SPECIAL_V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [address, prefix] of SPECIAL_V4) special.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of SPECIAL_V6) special.addSubnet(address, prefix, 'ipv6');
const given = new BlockList();
given.addSubnet('2000::', 3, 'ipv6');

/** Whether it is an address of the internet. Those of version 4 inside of version 6 are not. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && given.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Whether the operator has named the host: `host`, `host:port`, or `*` for all. */
export function isAllowed(allowed: readonly string[], host: string, port: number): boolean {
  const name = bare(host);
  const names = ['*', name, `${name}:${port}`, `[${name}]`, `[${name}]:${port}`];
  return allowed.some((entry) => names.includes(entry.toLowerCase()));
}

/** What --notify-allow would need; errors that call the URL something else do not show its host. */
export function allowance(label: string | undefined, host: string, port: number): string {
  if (label !== undefined) return 'HOST';
  const name = bare(host);
  return isIP(name) === 6 ? `[${name}]:${port}` : `${name}:${port}`;
}

/** Throws CT_CONFIG_INVALID for an entry that no host could be. */
export function requireAllowedHosts(entries: readonly string[]): void {
  const wrong = entries.find((entry) => !couldBeHost(entry));
  if (wrong === undefined) return;
  const forms = 'a host, host:port, or "*" for all; "*" is no part of a name';
  throw new CloudTaskError('CT_CONFIG_INVALID', `notifyAllow: "${wrong}": an entry is ${forms}`);
}

function couldBeHost(entry: string): boolean {
  if (entry === '*' || isIP(entry) === 6) return true;
  const [, host = '', port = '1'] = /^([\w.-]+|\[.*\])(?::(\d{1,5}))?$/.exec(entry) ?? [];
  return host !== '' && Number(port) >= 1 && Number(port) <= 65_535 && (host[0] !== '[' || isIP(bare(host)) === 6);
}

/** Without the brackets of an address in a URL. */
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').toLowerCase();

export interface Reach {
  /** Hosts that the operator has named. */
  readonly allowed: readonly string[];
  /** What errors call it; `host:port` unless given. */
  readonly label?: string;
  /** All addresses of a name; those of the name service unless given. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

/**
 * The address to connect to; nobody asks for it again, so that it cannot become another one. Throws DeliveryError when there is none, or when
 * one of them is not of the internet and the operator has not allowed the host.
 */
export async function checkedAddress(host: string, port: number, reach: Reach): Promise<string> {
  const name = bare(host);
  const { allowed, label, resolve = addressesOf } = reach;
  const addresses = isIP(name) === 0 ? await resolved(name, resolve, label ?? name) : [name];
  if (!isAllowed(allowed, name, port) && !addresses.every(isPublic)) {
    const why = `${label ?? `${name}:${port}`} is not of the internet, and the center does not allow it`;
    throw new DeliveryError(`${why} (ctask center --notify-allow ${allowance(label, host, port)})`, { certain: true });
  }
  return addresses[0]!;
}

/** An address, unless the limit is reached before the name service answers: nothing else ends that wait. */
export async function inTime<T>(work: Promise<T>, limit: AbortSignal, host: string): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new DeliveryError(`${host}: no answer from the name service`, { certain: true }));
    if (limit.aborted) fail();
    limit.addEventListener('abort', fail, { once: true });
  });
  late.catch(() => undefined); // it may come when nobody waits any more
  return Promise.race([work, late]);
}

async function resolved(name: string, resolve: (name: string) => Promise<readonly string[]>, label: string) {
  try {
    return await resolve(name);
  } catch (error) {
    const { code = 'no address' } = error as { code?: string };
    throw new DeliveryError(`${label}: ${codeWords(code)}`, { certain: true });
  }
}

const addressesOf = async (name: string): Promise<string[]> =>
  (await lookup(name, { all: true })).map(({ address }) => address);
