import { CloudTaskError, type ErrorCause } from '../../base/index.js';
import { type AnyObject, kindRow } from '../../manifests/index.js';

/** Causes told at once; a batch with more of them is mended in steps. */
const CAUSES_MAX = 1000;

/** What stands against a batch, of all its objects: conflicts first, since what they would make need not be valid. */
export class ApplyProblems {
  private readonly conflicts: ErrorCause[] = [];
  private readonly invalid: ErrorCause[] = [];
  private readonly objects: readonly AnyObject[];

  constructor(objects: readonly AnyObject[]) {
    this.objects = objects;
  }

  add(index: number, causes: readonly ErrorCause[]): void {
    for (const cause of causes) {
      const list = cause.reason === 'FieldManagerConflict' ? this.conflicts : this.invalid;
      const at = `objects[${index}]`;
      if (list.length < CAUSES_MAX)
        list.push({ ...cause, field: cause.field === undefined ? at : `${at}.${cause.field}` });
    }
  }

  /** Throws CT_CONFLICT and CT_MANIFEST_INVALID. */
  throwIfAny(): void {
    if (this.conflicts.length > 0) {
      throw new CloudTaskError('CT_CONFLICT', { detail: this.conflictSentence(), causes: this.conflicts });
    }
    const [first] = this.invalid;
    if (first === undefined) return;
    const more = this.invalid.length === 1 ? '' : ` (and ${this.invalid.length - 1} more)`;
    // What refers to something that is not there would be wrong without other managers, too.
    const why = ['FieldValueNotFound', 'DependencyCircle'].includes(first.reason)
      ? ''
      : 'merged with what other managers own, it is invalid: ';
    const detail = `${why}${first.message}${more}`;
    throw new CloudTaskError('CT_MANIFEST_INVALID', { detail, causes: this.invalid });
  }

  /** As kubectl words it. */
  private conflictSentence(): string {
    const count = this.conflicts.length;
    const groups = new Map<string, string[]>();
    for (const { message, field = '' } of this.conflicts) {
      const [, index = '0', path = ''] = /^objects\[(\d+)\]\.?(.*)$/s.exec(field) ?? [];
      const place = this.objects.length === 1 ? `.${path}` : `${nameOf(this.objects[Number(index)]!)} .${path}`;
      groups.set(message, [...(groups.get(message) ?? []), place]);
    }
    const texts = [...groups].map(([message, places]) =>
      places.length === 1
        ? `${message}: ${places[0]}`
        : `${message.replace(/^conflict/, 'conflicts')}:\n${places.map((place) => `- ${place}`).join('\n')}`,
    );
    return `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${texts.join('\n')}`;
  }
}

function nameOf({ kind, metadata: { namespace, name } }: AnyObject): string {
  return `${kindRow(kind).singular}.cloudtask.dev/${name}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
