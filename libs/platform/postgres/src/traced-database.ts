/** The database of a process that traces: statements and transactions of a traced flow become spans, named after what they do and never by their values. */
import type { Tracing } from '@veche/platform-telemetry';
import { Database, type ReadOptions, type TransactionOptions } from './database.ts';
import type { Statement, Transaction } from './types.ts';

export class TracedDatabase extends Database {
  constructor(
    private readonly tracing: Tracing,
    ...parts: ConstructorParameters<typeof Database>
  ) {
    super(...parts);
  }

  override query<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.statement(statement, () => super.query<Row>(statement));
  }

  override read<Row>(statement: Statement, options?: ReadOptions): Promise<readonly Row[]> {
    return this.statement(statement, () => super.read<Row>(statement, options));
  }

  /** What is before its first statement is the wait for a connection; what is behind its last one, the commit. */
  override transaction<T>(fn: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    if (!this.tracing.current) return super.transaction(fn, options);
    return this.tracing.span('transaction', { kind: 'client', attributes: { 'db.system.name': 'postgresql' } }, () =>
      super.transaction((tx) => fn(this.within(tx)), options),
    );
  }

  private within(tx: Transaction): Transaction {
    return { ...tx, query: <Row>(statement: Statement) => this.statement(statement, () => tx.query<Row>(statement)) };
  }

  private statement<Row>(statement: Statement, run: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    if (!this.tracing.current) return run();
    return this.tracing.span(`sql ${summaryOf(statement)}`, { kind: 'client', attributes: { 'db.system.name': 'postgresql' } }, async (span) => {
      const rows = await run();
      span?.set('db.response.returned_rows', rows.length);
      return rows;
    });
  }
}

const VERB = /^\s*(?:with\b.*?\b)?(select|insert|update|delete|\w+)\b/is;
const TABLE = /\b(?:from|into|update)\s+([a-z_.]+)/i;

/** Its name, or what it does and the first table that it names. */
export function summaryOf({ name, text }: Statement): string {
  if (name !== undefined) return name;
  const verb = VERB.exec(text)?.[1] ?? 'statement';
  const table = TABLE.exec(text)?.[1] ?? '';
  return `${verb.toLowerCase()} ${table}`.trim();
}
