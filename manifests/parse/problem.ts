import type { AnyObject, KindName } from '../kinds/registry.js';

/** One thing that is wrong, or suspicious, in a file. */
export interface Problem {
  readonly file: string;
  /** Line and column, from 1. */
  readonly line: number;
  readonly column: number;
  /** Number of the document in the file, from 1; 0 when the whole file is meant. */
  readonly document: number;
  /** Field path, e.g. `spec.schedules[0].cron`. */
  readonly field?: string;
  /** Reason of the API conventions, e.g. FieldUnknown; SyntaxError for text that is not YAML. */
  readonly reason: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** The line in question and the one before it, with a caret line; empty when there is none. */
  readonly excerpt: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
  /** As in a Problem. */
  readonly excerpt: string;
}

export interface ParsedDocument {
  /** Number of the document in the file, from 1. */
  readonly index: number;
  /** Valid, with defaults. */
  readonly object: AnyObject;
  /** As its author wrote it: what is owned is what is written, not what is filled in. */
  readonly given: AnyObject;
  readonly kind: KindName;
  readonly file: string;
  readonly line: number;
  /** Where a field stands, e.g. `spec.schedules[0].cron`; its nearest parent when it is not written. */
  locate(field: string): Place | undefined;
}

export interface ParseResult {
  /** The valid documents. */
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly Problem[];
  /** Documents in the file that are not empty, valid or not. */
  readonly total: number;
}
