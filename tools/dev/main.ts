// Behind `npm start`: a private Postgres in a visible folder, the migrations, the server, and nothing left running afterwards.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './start.ts';

await start(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
