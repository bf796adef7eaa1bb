import type { KindName } from '../../manifests/index.js';
import type { ChangeText } from './repository-types.js';
import type { Change, Stored } from './store-types.js';

const texts = new WeakMap<Stored, string>();

/** The JSON text that a stored object of a change was made from, to send it on without making it again. */
export function storedText(object: Stored): string | undefined {
  return texts.get(object);
}

export function parseObject(text: string): Stored {
  return JSON.parse(text) as Stored;
}

/**
 * A change whose objects are parsed when somebody looks at them: many changes are only kept. What was parsed is shared by
 * those who are told of the change and forgotten afterwards, so that what is kept is text.
 */
export class ParsedChange implements Change {
  readonly type: Change['type'];
  readonly resourceVersion: number;
  readonly kind: KindName;
  private readonly objectText: string;
  private readonly previousText: string | undefined;
  private parsedObject: Stored | undefined;
  private parsedPrevious: Stored | undefined;

  constructor({ type, resourceVersion, kind, object, previous }: ChangeText) {
    this.type = type;
    this.resourceVersion = resourceVersion;
    this.kind = kind;
    this.objectText = object;
    this.previousText = previous;
  }

  get object(): Stored {
    if (this.parsedObject === undefined) {
      this.parsedObject = parseObject(this.objectText);
      texts.set(this.parsedObject, this.objectText);
    }
    return this.parsedObject;
  }

  get previous(): Stored | undefined {
    if (this.parsedPrevious === undefined && this.previousText !== undefined) {
      this.parsedPrevious = parseObject(this.previousText);
    }
    return this.parsedPrevious;
  }

  forget(): void {
    this.parsedObject = undefined;
    this.parsedPrevious = undefined;
  }
}
