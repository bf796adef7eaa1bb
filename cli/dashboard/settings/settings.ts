// What the user has set for the dashboard: the section `ui` of ctaskrc.yaml (T-58).
import type { SkinName } from '../components/skins.js';

/** A column of a table: one of the table's own, or a path into the object. */
export interface OwnColumn {
  readonly name: string;
  /** A jsonpath, braces optional, as `-o custom-columns` takes it. */
  readonly path?: string;
}

/** A program on a key. */
export interface Plugin {
  /** A key as the help calls it: `b`, `shift-w`, `ctrl-l`. */
  readonly shortcut: string;
  /** Plural names of kinds; `all` for every table. */
  readonly scopes: readonly string[];
  readonly description: string;
  readonly command: string;
  readonly args: readonly string[];
  /** It is asked before. */
  readonly confirm: boolean;
  /** It changes something: asked before, with the name of a protected context, and refused in read-only mode. */
  readonly dangerous: boolean;
  /** Without the terminal; what it writes is shown when it has ended. */
  readonly background: boolean;
}

export interface UiSettings {
  readonly skin?: SkinName;
  readonly mouse?: boolean;
  readonly readOnly?: boolean;
  /** Columns of tables, by the plural name of the kind. */
  readonly columns: ReadonlyMap<string, readonly OwnColumn[]>;
  /** Lines of the command mode, by a word of the user's. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly plugins: readonly Plugin[];
}

export const NO_SETTINGS: UiSettings = { columns: new Map(), aliases: new Map(), plugins: [] };
