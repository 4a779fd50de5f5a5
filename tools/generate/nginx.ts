import { nginxConfiguration } from '@veche/testing';

/** For compose.yaml: the configuration that the tests run, with names of services in place of ports. */
export const composeNginx = (): string =>
  `# Written by npm run generate from libs/testing/src/nginx/nginx-config.ts.\n${nginxConfiguration({
    // Each name stands for all processes of that service; nginx asks for them when it starts.
    routes: { websocket: ['websocket:8000'], sse: ['sse:8000'], api: ['api:8000'] },
    listen: '0.0.0.0:8000',
    home: '/tmp',
  })}`;
