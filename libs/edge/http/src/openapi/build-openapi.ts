/** The description of every HTTP address, put together from the schemas that the routes check with. Needs no running server. */
import { ANSWERS } from './answers.ts';
import { addFixed } from './fixed-paths.ts';
import { addOperations, type Paths } from './operation-paths.ts';

export function buildOpenApi(): object {
  const paths: Paths = {};
  addFixed(paths);
  addOperations(paths);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Veche',
      version: '1',
      description:
        'A durable, gapless, ordered log per channel. People use /auth and /chat with a bearer token, backends use /api with a key. Errors: docs/protocol.md.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: Object.fromEntries(Object.entries(paths).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      schemas: ANSWERS,
    },
  };
}
