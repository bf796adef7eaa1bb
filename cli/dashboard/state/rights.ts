// What the user may do, as the center's rules say: keys that would be refused are not offered (T-59). Rules hold in all
// namespaces, so they are asked for once; and again when the center has refused something, or when all is listed again, since
// rights are given and taken while a dashboard is open. The center decides: a key that is pressed all the same is sent.
import type { Rule } from '../../client/self-subject.js';
import type { KeyRow, Scope } from '../keys/keymap.js';

/** What keys are about where it is not what the table shows. */
const RESOURCES: Readonly<Partial<Record<Scope, string>>> = {
  ...{ tasks: 'tasks', runs: 'runs', agents: 'agents', revisions: 'tasks', ofTask: 'tasks', ofRun: 'runs' },
};

export class Rights {
  /** Undefined while they are not known: then everything is offered. */
  private rules: readonly Rule[] | undefined;
  private readonly ask: () => Promise<readonly Rule[]>;
  private asking: Promise<void> | undefined;

  constructor(ask: () => Promise<readonly Rule[]>, rules: readonly Rule[] | undefined) {
    this.ask = ask;
    this.rules = rules;
  }

  may(verb: string, plural: string): boolean {
    if (this.rules === undefined) return true;
    return this.rules.some(({ resources, verbs }) => resources?.includes(plural) === true && verbs.includes(verb));
  }

  /** @param shown the plural of what a table shows. */
  offers({ scope, writes }: KeyRow, shown: string | undefined): boolean {
    const plural = RESOURCES[scope] ?? shown;
    return writes === undefined || plural === undefined || this.may(writes, plural);
  }

  /** Asks again; of several calls at a time the first one asks. What is known stays when there is no answer. */
  renew(): Promise<void> {
    this.asking ??= this.ask()
      .then(
        (rules) => {
          this.rules = rules;
        },
        () => undefined, // the banner tells of a connection that is lost
      )
      .finally(() => {
        this.asking = undefined;
      });
    return this.asking;
  }
}
