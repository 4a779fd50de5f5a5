export const HELP = `npm run start:distributed -- [options]

  --port N        nginx: page, REST, WebSocket, SSE (default 8000)
  --data DIR      where everything is kept (default ./data in the checkout, the same as npm start)
  --ephemeral     keep nothing: a temporary folder, removed at the end
  --help          this text

Runs RabbitMQ, Redis, Postgres with a replica, PgBouncer, nginx, and two processes of each edge and service.
Every setting of docs/configuration.md but the addresses of these servers can be given as an environment variable.
`;
