/** What the rest of the house sees of a connection. */

/** A statement; a `name` makes it prepared once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Runs statements; rows are plain records. */
export interface Queryable {
  query<Row>(statement: Statement): Promise<readonly Row[]>;
}

/** One open transaction on one connection. */
export interface Transaction extends Queryable {
  readonly isTransaction: true;
}
