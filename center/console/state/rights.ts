// What the user may do, as the center's rules say: this side has no rules of its own. Asked once for each namespace, and again while
// pages are open, since roles are given and taken meanwhile. The center decides: what is pressed all the same is judged there.

/** Something that the user may want to do. */
export interface Right {
  readonly verb: string;
  /** Of the kind, as paths have it. */
  readonly plural: string;
  /** Absent: anywhere, or with what belongs to no namespace. */
  readonly namespace?: string | undefined;
}

/** Verbs that are allowed on resources (plural). */
export interface Rule {
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
}

/** Whether something may be done; without a reason it is being asked. */
export type Permission = { readonly allowed: true } | { readonly allowed: false; readonly reason?: string };

interface Known {
  /** Undefined while nothing is known; `unknown` when the center did not say. */
  readonly rules: readonly Rule[] | 'unknown' | undefined;
  readonly text: string;
}

export const ALLOWED: Permission = { allowed: true };
const ASKING: Permission = { allowed: false };

export class Rights {
  private readonly ask: (namespace: string | undefined) => Promise<readonly Rule[]>;
  private readonly onChange: () => void;
  private readonly toldFirst: (namespace: string | undefined) => readonly Rule[] | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly known = new Map<string | undefined, Known>();
  private renewal: Promise<void> | undefined;
  private count = 0;

  /**
   * @param onChange told when what is allowed has become another, not when it is known at first
   * @param toldFirst what the center has said before anybody asked here
   */
  constructor(ask: Rights['ask'], onChange: () => void, toldFirst: Rights['toldFirst'] = () => undefined) {
    this.ask = ask;
    this.onChange = onChange;
    this.toldFirst = toldFirst;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Another one after each change. */
  readonly version = (): number => this.count;

  get watched(): boolean {
    return this.listeners.size > 0;
  }

  of({ verb, plural, namespace }: Right): Permission {
    const { rules } = this.known.get(namespace) ?? this.begin(namespace);
    if (rules === undefined) return ASKING;
    if (rules === 'unknown') return ALLOWED;
    const allowed = rules.some(({ resources, verbs }) => resources?.includes(plural) === true && verbs.includes(verb));
    return allowed ? ALLOWED : { allowed: false, reason: reasonOf({ verb, plural, namespace }) };
  }

  /** Asks again for each namespace that was asked about; of several calls at a time the first one asks. */
  renew(): Promise<void> {
    this.renewal ??= Promise.all([...this.known.keys()].map((namespace) => this.read(namespace)))
      .then(() => undefined)
      .finally(() => {
        this.renewal = undefined;
      });
    return this.renewal;
  }

  /** For the next user. */
  forget(): void {
    this.known.clear();
    this.changed();
  }

  private begin(namespace: string | undefined): Known {
    const rules = this.toldFirst(namespace);
    const known: Known = { rules, text: rules === undefined ? '' : JSON.stringify(rules) };
    this.known.set(namespace, known);
    if (rules === undefined) void this.read(namespace);
    return known;
  }

  private async read(namespace: string | undefined): Promise<void> {
    const before = this.known.get(namespace);
    const rules = await this.ask(namespace).catch(() => undefined);
    // Forgotten meanwhile: the answer is about somebody else.
    if (this.known.get(namespace) !== before) return;
    if (rules === undefined) {
      // What is known stays when there is no answer.
      if (before?.rules === undefined) this.take(namespace, { rules: 'unknown', text: '' });
      return;
    }
    const text = JSON.stringify(rules);
    if (before?.text === text) return;
    this.take(namespace, { rules, text });
    if (before?.text !== '') this.onChange();
  }

  private take(namespace: string | undefined, known: Known): void {
    this.known.set(namespace, known);
    this.changed();
  }

  private changed(): void {
    this.count += 1;
    for (const listener of this.listeners) listener();
  }
}

/** Words for verbs that are none of everyday language. */
const WORDS: Readonly<Record<string, string>> = {
  password: 'set passwords of',
  undo: 'go back to revisions of',
  update: 'change',
  patch: 'change',
  log: 'read logs of',
  list: 'see',
  get: 'see',
};

/** Names of kinds that are several words. */
const NAMES: Readonly<Record<string, string>> = {
  serviceaccounts: 'service accounts',
  rolebindings: 'bindings of namespaces',
  clusterrolebindings: 'bindings that hold everywhere',
  auditentries: 'the audit',
};

function reasonOf({ verb, plural, namespace }: Right): string {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  return `Your roles do not let you ${WORDS[verb] ?? verb} ${NAMES[plural] ?? plural}${where}`;
}
