// Stands in for the server: ready at once, writes what it is told into the database, ends as told.
import { createServer } from 'node:http';
import pg from 'pg';

if (process.env.SMALL_SERVER_FAILS) {
  console.error('CHANNELS must be JSON');
  process.exit(3);
}
const pool = new pg.Pool({ connectionString: process.env.PG_URL, max: 2 });
pool.on('error', () => {});

const answers = {
  '/pid': () => String(process.pid),
  '/key': () => process.env[Object.keys(process.env).find((name) => name.includes('API_KEY'))],
  '/put': async () => {
    await pool.query('CREATE TABLE IF NOT EXISTS kept (n int)');
    await pool.query('INSERT INTO kept VALUES (1)');
    return 'ok';
  },
  '/door': async () => {
    const open = new URL(process.env.PG_URL);
    open.password = '';
    const stranger = new pg.Client({ connectionString: open.href });
    stranger.on('error', () => {});
    return stranger
      .connect()
      .then(() => 'open', (error) => error.message)
      .finally(() => stranger.end());
  },
  '/count': async () => String((await pool.query('SELECT count(*)::int AS n FROM kept')).rows[0].n),
  '/fill': async () => {
    // Not compressed, so that it is as large as it looks: 1.2 GB.
    await pool.query('CREATE TABLE IF NOT EXISTS big (t text STORAGE EXTERNAL)');
    await pool.query("INSERT INTO big SELECT repeat(md5(g::text), 200) FROM generate_series(1, 200000) g");
    return 'ok';
  },
};

const server = createServer(async (request, response) => {
  try {
    response.end(await answers[request.url]());
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(process.env.VECHE_PORT), '127.0.0.1');
const health = createServer((_, response) => response.end('ok')).listen(Number(process.env.VECHE_PRIVATE_PORT), '127.0.0.1');

process.on('SIGTERM', () => {
  for (const each of [server, health]) {
    each.close();
    each.closeAllConnections();
  }
  void pool.end();
});
