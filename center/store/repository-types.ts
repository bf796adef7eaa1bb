// What the repositories say to the store in front of them. Objects travel as JSON text: their rows hold most of it as text,
// and many a reader only passes it on.
import type { KindName } from '../../manifests/index.js';
import type { ApplyOutcome, Change } from './store-types.js';

/** An object, whole, as JSON. */
export type ObjectText = string;

export interface ChangeText {
  readonly type: Change['type'];
  readonly resourceVersion: number;
  readonly kind: KindName;
  readonly object: ObjectText;
  readonly previous?: ObjectText;
}

export interface OutcomeText {
  readonly operation: ApplyOutcome['operation'];
  readonly object: ObjectText;
  readonly previous?: ObjectText;
}

/** Some objects in their order. */
export interface ObjectPage {
  /** Texts of the objects, joined by commas. */
  readonly text: string;
  readonly count: number;
  /** The last commit that the page shows. */
  readonly version: number;
  /** Key of the last object, to go on from, when there are more. */
  readonly after?: readonly (string | number)[];
  /** How many objects there are from the first of this page on; absent when nobody counted. */
  readonly total?: number;
}
