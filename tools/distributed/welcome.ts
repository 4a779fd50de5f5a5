import { relative } from 'node:path';
import type { DataFolder } from '../dev/data-folder.ts';

export interface Facts {
  readonly origin: string;
  readonly folder: DataFolder;
  readonly apiKey: string | undefined;
  /** File of the servers' addresses. */
  readonly environment: string;
  readonly table: string;
}

export const welcome = ({ origin, folder, apiKey, environment, table }: Facts): string => `
Veche is ready, as services.

  Page      ${origin}
  API key   ${apiKey ?? 'as in AUTH_API_KEYS'}   (for backends, on /api)
  Data      ${folder.path}${folder.ephemeral ? '   (removed at the end)' : ''}
  Logs      distributed.log there; here what is worth reading
  Servers   their addresses are in ${relative(process.cwd(), environment)}, for psql, redis-cli and apps/cli

${table}

Health and metrics of a process: http://127.0.0.1:<private>/health/ready and /metrics.
Kill, freeze or thaw any of them (kill -9, -STOP, -CONT <pid>): it is started again, and nothing is lost. docs/distributed.md says what to watch.
Ctrl-C stops everything${folder.ephemeral ? '' : '; the data stays, for the next start and for npm start'}.
`;
