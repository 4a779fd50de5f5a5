import { type CloseRow, DISCONNECTS, ERRORS, type Operation, OPERATIONS, UNSUBSCRIBES } from '@veche/contracts';
import { table } from './tables.ts';

/** The tables of docs/protocol.md by the names of their markers. */
export const protocolTables = (): Readonly<Record<string, string>> => ({
  operations: table(['RPC', 'REST', 'what', 'parameters'], Object.entries(OPERATIONS).map(operation)),
  errors: table(
    ['code', 'name', 'HTTP', 'meaning', 'what to do', 'again?'],
    Object.entries(ERRORS)
      .toSorted(([, a], [, b]) => a.code - b.code)
      .map(([name, { code, http, meaning, advice, retryable }]) => [String(code), `\`${name}\``, String(http), meaning, advice, retryable ? 'yes' : 'no']),
  ),
  disconnects: closeTable(DISCONNECTS),
  unsubscribes: closeTable(UNSUBSCRIBES),
});

const closeTable = (rows: Readonly<Record<string, CloseRow>>): string =>
  table(
    ['code', 'reason', 'meaning', 'the client'],
    Object.values(rows).map(({ code, reason, meaning }) => [String(code), reason, meaning, comesBack(code) ? 'comes back by itself' : 'stays away']),
  );

/** Below 2500 a subscription ends for good, from there on it is made again; 3000 to 3499 a session reconnects. */
const comesBack = (code: number): boolean => (code < 3000 ? code >= 2500 : code < 3500);

function operation([name, { route, summary, params }]: [string, Operation]): string[] {
  const fields = Object.entries(params.shape).map(([field, schema]) => `\`${field}\`${schema.safeParse(undefined).success ? '?' : ''}`);
  return [`\`${name}\``, `\`${route.verb} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}\``, summary, fields.join(' ')];
}
