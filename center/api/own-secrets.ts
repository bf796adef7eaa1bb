import { messageOf } from '../../base/index.js';
import type { AgentRequest } from '../../manifests/index.js';
import type { Requester } from './requester.js';
import type { ApiContext } from './route.js';

/** Tells an agent which secrets changed: one with a certificate, of those alone that tasks of its own name. */
export class OwnSecrets {
  private readonly context: Pick<ApiContext, 'scope' | 'log'>;
  private readonly user: Requester | undefined;
  private readonly send: (request: AgentRequest) => void;
  private readonly waiting = new Map<string, { readonly namespace: string; readonly name: string }>();
  private looking = false;

  constructor(
    context: Pick<ApiContext, 'scope' | 'log'>,
    user: Requester | undefined,
    send: (request: AgentRequest) => void,
  ) {
    this.context = context;
    this.user = user;
    this.send = send;
  }

  changed(namespace: string, name: string): void {
    if (this.user?.agent === undefined) {
      this.send({ type: 'Secret', namespace, name });
      return;
    }
    this.waiting.set(`${namespace}/${name}`, { namespace, name });
    if (!this.looking) void this.look();
  }

  /** Looks once for all that changed while it looked the last time. */
  private async look(): Promise<void> {
    this.looking = true;
    while (this.waiting.size > 0) {
      const changed = [...this.waiting];
      this.waiting.clear();
      const own = await this.own();
      for (const [id, key] of changed) if (own?.has(id) !== false) this.send({ type: 'Secret', ...key });
    }
    this.looking = false;
  }

  /** undefined when it cannot be known: better a name too many than a value that stays old. */
  private async own(): Promise<ReadonlySet<string> | undefined> {
    try {
      return await this.context.scope.secrets(this.user);
    } catch (error) {
      this.context.log.debug({ err: messageOf(error) }, 'the secrets of an agent are not known');
      return undefined;
    }
  }
}
