import type { AppProcess, Constellation, ServerControl } from '@veche/testing';

const HEAD = ['process', 'pid', 'port', 'private', 'health'] as const;

/** Every process with what a person needs to look at it, or to kill it. */
export async function tableOf(constellation: Constellation): Promise<string> {
  const rows = [...constellation.apps.map(appRow), ...constellation.backends.map(serverRow)];
  return aligned([HEAD, ...(await Promise.all(rows))]);
}

async function appRow(app: AppProcess): Promise<readonly string[]> {
  const health = app.running ? await app.health() : 'does not run';
  return [app.name, pidOf(app), String(app.port ?? '–'), String(app.privatePort), health === '200' ? 'ready' : health];
}

async function serverRow(server: ServerControl): Promise<readonly string[]> {
  const { port } = server as { readonly port?: number };
  return [server.name, pidOf(server), String(port ?? '–'), '–', server.running ? 'runs' : 'does not run'];
}

const pidOf = (process: ServerControl): string => (process.running ? String(process.pid) : '–');

export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string =>
    column === 1 || column === 2 || column === 3 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ')}`.trimEnd()).join('\n');
}
