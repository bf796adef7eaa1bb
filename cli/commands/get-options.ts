import type { FileFlags } from './filename-option.js';
import type { GetOutput } from './output-option.js';

export interface GetOptions extends FileFlags {
  output: GetOutput;
  allNamespaces: boolean;
  selector?: string;
  fieldSelector?: string;
  watch: boolean;
  watchOnly: boolean;
  outputWatchEvents: boolean;
  headers: boolean;
  showLabels: boolean;
  /** Keys of labels that get a column of their own. */
  labelColumns: readonly string[];
  showKind: boolean;
  sortBy?: string;
  ignoreNotFound: boolean;
  chunkSize: number;
  showManagedFields: boolean;
  /** A path of the server whose answer is printed as it comes. */
  raw?: string;
}
