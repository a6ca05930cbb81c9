/**
 * The twin of a picture: the same content as a tree or a table of text, for whoever does not see it. Pure; the page
 * renders it with the roles `tree` or `table`, and a row's focus is the mark's light.
 */

/** A row of a tree. */
export interface TwinNode {
  /** The mark's key, unique within the twin. */
  readonly key: string;
  /** The whole row, as it is spoken. */
  readonly name: string;
  /** Keys to light when the row has the focus, the mark's own first. */
  readonly keys: readonly string[];
  readonly children: readonly TwinNode[];
  /** Can be unfolded by the view's `toggle`, and is not. */
  readonly folded?: boolean;
  /** Changed in the step shown, in words (`new`, `was 8M`). */
  readonly change?: string;
}

export interface TwinTree {
  readonly kind: 'tree';
  readonly label: string;
  readonly nodes: readonly TwinNode[];
}

export interface TwinRow {
  readonly key: string;
  readonly keys: readonly string[];
  /** One text a column; the first is the row's header. */
  readonly cells: readonly string[];
  readonly change?: string;
}

export interface TwinTable {
  readonly kind: 'table';
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly TwinRow[];
}

export type Twin = TwinTree | TwinTable;
