// What is to be typed on the machine of an agent that joins by a token.
import { isLoopback } from '../../client/loopback.js';

export interface JoinWords {
  /** As this program reaches them: at least one. */
  readonly servers: readonly string[];
  /** As the center said; an older one says nothing. */
  readonly coordination: { readonly zookeeper: string; readonly root: string } | undefined;
  readonly cluster: string | undefined;
  /** The token, or the word that stands for it. */
  readonly token: string;
}

const DEFAULT_ROOT = '/cloudtask';

/** The line to copy, and what of it must be another word there. */
export function joinLines({ servers, coordination, cluster, token }: JoinWords): string[] {
  const zookeeper = coordination?.zookeeper ?? 'HOST:PORT';
  const root = coordination?.root ?? DEFAULT_ROOT;
  const line = [
    `ctask agent --center ${servers.join(',')} --zookeeper ${zookeeper}`,
    ...(root === DEFAULT_ROOT ? [] : [`--root ${root}`]),
    ...(cluster === undefined ? [] : [`--cluster ${cluster}`]),
    `--join ${token}`,
  ].join(' ');
  const local = [
    ...(servers.some((url) => isLoopback(new URL(url).hostname)) ? ['--center'] : []),
    ...(hostsOf(zookeeper).some(isLoopback) ? ['--zookeeper'] : []),
  ];
  return [
    `to join with it: ${line}`,
    ...(coordination === undefined
      ? ['HOST:PORT is where ZooKeeper is: what the center was given as --zookeeper']
      : []),
    ...(local.length === 0
      ? []
      : [`on another machine ${local.join(' and ')} must say other addresses, which can be reached from there`]),
  ];
}

/** Of a connect string: `host:port,host:port/chroot`. */
const hostsOf = (zookeeper: string): string[] =>
  zookeeper
    .replace(/\/.*$/, '')
    .split(',')
    .map((server) => server.replace(/:\d+$/, ''));
