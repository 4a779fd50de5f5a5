import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createThread, type Person, register } from '../src/people.ts';
import { RawSocket } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';
import { StreamSocket } from '../src/stream-socket.ts';

/** The browser of somebody who is signed in sends the cookie wherever a page tells it to go: what a foreign page can reach with it. */
const COOKIE = 'veche_session';
const LISTED = 'https://app.example.com';
let server: Veche;
let host: string;
let anna: Person;
let channel: string;
let cookie: string;

beforeAll(async () => {
  server = await startVeche({
    env: { DOORS_TOKEN_COOKIE: COOKIE, HTTP_ALLOWED_ORIGINS: LISTED, HTTP_REQUESTS_PER_MINUTE: '100000', GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8' },
  });
  host = new URL(server.origin).host;
  anna = await register(server.origin, 'anna');
  ({ channel } = await createThread(server.origin, anna, 'secret things', []));
  cookie = `${COOKIE}=${anna.token}`;
});
afterAll(() => server.stop());

const foreign = (): string[] => {
  const { port } = new URL(server.origin);
  return [
    'null',
    'https://evil.example',
    `${LISTED}.evil.example`,
    `${LISTED}:444`,
    `${LISTED}/`,
    LISTED.toUpperCase(),
    LISTED.replace('https', 'http'),
    LISTED.replace('app', 'user@app'),
    `https://evil.example@${host}`,
    `http://${host}.evil.example`,
    `http://127.0.0.1:${Number(port) + 1}`,
    `http://localhost:${port}`,
    `http://evil.127.0.0.1:${port}`,
    `http://${host}, https://evil.example`,
    `${LISTED} https://evil.example`,
  ];
};

/** Whether the page got through: a socket or a stream opened, or an answer that the browser would let it read. */
const WAYS: Readonly<Record<string, (origin: string) => Promise<boolean>>> = {
  'Centrifugo socket': (origin) => opened(RawSocket.open(server.origin, '/connection/websocket', { Origin: origin, Cookie: cookie })),
  'plain socket': (origin) => opened(RawSocket.open(server.origin, '/realtime/ws', { Origin: origin, Cookie: cookie })),
  'HTTP stream': (origin) => opened(StreamSocket.open(server.origin, {}, { origin, cookie })),
  EventSource: (origin) => readable(`/realtime/events?channel=${channel}`, { origin, cookie, accept: 'text/event-stream' }),
  poll: (origin) => readable(`/realtime/events?channel=${channel}&after=0`, { origin, cookie, accept: 'application/json' }),
  'SSE of the Centrifugo protocol': (origin) =>
    readable(`/connection/sse?cf_connect=${encodeURIComponent('{"id":1,"connect":{}}')}`, { origin, cookie, accept: 'text/event-stream' }),
};

async function opened(attempt: Promise<{ destroy(): void }>): Promise<boolean> {
  try {
    (await attempt).destroy();
    return true;
  } catch {
    return false;
  }
}

async function readable(path: string, headers: Record<string, string>): Promise<boolean> {
  const response = await fetch(server.origin + path, { headers });
  await response.body?.cancel();
  return response.ok || response.headers.has('access-control-allow-origin');
}

describe.each(Object.keys(WAYS))('%s with the cookie of somebody who is signed in', (way) => {
  it('is shut to every page of a foreign origin', async () => {
    for (const origin of foreign()) expect(await WAYS[way]!(origin), origin).toBe(false);
  });

  it('is open to our page and to a listed one', async () => {
    for (const origin of [`http://${host}`, LISTED]) expect(await WAYS[way]!(origin), origin).toBe(true);
  });
});

describe('REST', () => {
  it('knows no cookie: nothing that a browser sends by itself signs in', async () => {
    for (const origin of [undefined, 'https://evil.example', LISTED, `http://${host}`]) {
      const headers = { cookie, ...(origin && { origin }) };
      for (const [method, path] of [
        ['GET', '/chat/threads'],
        ['GET', '/auth/me'],
        ['POST', `/chat/threads/${channel.slice(7)}/messages`],
        ['POST', '/auth/ticket'],
        ['POST', '/api/info'],
      ] as const)
        expect((await fetch(server.origin + path, { method, headers, ...(method === 'POST' && { body: '{"text":"x"}' }) })).status, `${method} ${path}`).toBe(
          401,
        );
    }
  });

  it('lets no foreign page read an answer, and never with credentials', async () => {
    for (const origin of foreign()) {
      for (const init of [{ headers: { origin } }, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } }] as RequestInit[]) {
        const { headers } = await fetch(`${server.origin}/chat/threads`, init);
        expect(headers.get('access-control-allow-origin'), origin).toBeNull();
        expect(headers.get('access-control-allow-credentials'), origin).toBeNull();
        expect(headers.get('vary'), origin).toContain('Origin');
      }
    }
    const { headers } = await fetch(`${server.origin}/chat/threads`, { headers: { origin: LISTED } });
    expect(headers.get('access-control-allow-origin')).toBe(LISTED);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('takes no form, which a foreign page can send without asking', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      for (const path of ['/auth/token', '/auth/register', '/auth/refresh'])
        expect(
          (
            await fetch(server.origin + path, {
              method: 'POST',
              headers: { 'content-type': type, origin: 'https://evil.example' },
              body: '{"login":"a","password":"b"}',
            })
          ).status,
          type,
        ).toBe(400);
  });
});

describe('a page that hides its origin', () => {
  it.each(['no-cors', 'navigate'])('cannot use the cookie: the browser says that the request is cross-site (%s)', async (mode) => {
    const headers = {
      cookie,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': mode,
      'sec-fetch-dest': mode === 'navigate' ? 'document' : 'script',
      accept: 'application/json',
    };
    for (const path of [`/realtime/events?channel=${channel}&after=0`, `/chat/events?thread_id=${channel.slice(7)}&after=0`]) {
      const response = await fetch(server.origin + path, { headers });
      expect([401, 403], path).toContain(response.status);
      expect(await response.text()).not.toContain('secret things');
    }
  });

  it('may still come from our own page or from the address bar', async () => {
    for (const site of ['same-origin', 'none'])
      expect(
        (
          await fetch(`${server.origin}/realtime/events?channel=${channel}&after=0`, {
            headers: { cookie, 'sec-fetch-site': site, accept: 'application/json' },
          })
        ).status,
      ).toBe(200);
  });
});

describe('every class of answer', () => {
  it('says that it is not to be sniffed, framed or kept', async () => {
    const bearer = { authorization: `Bearer ${anna.token}` };
    const answers: Readonly<Record<string, Response>> = {
      'an operation': await fetch(`${server.origin}/chat/threads`, { headers: bearer }),
      'a refusal': await fetch(`${server.origin}/chat/threads`),
      'no route': await fetch(`${server.origin}/nowhere/at/all`),
      'a bad address': await fetch(`${server.origin}/chat/threads/${'x'.repeat(2_000)}`),
      'a poll': await fetch(`${server.origin}/realtime/events?channel=${channel}&after=0`, { headers: { ...bearer, accept: 'application/json' } }),
      'a refused stream': await fetch(`${server.origin}/realtime/events?channel=${channel}`, { headers: { accept: 'text/event-stream' } }),
      'an uplink of no stream': await fetch(`${server.origin}/emulation`, { method: 'POST', body: '{"session":"x","node":"","data":"{}"}' }),
      'a body that is no JSON': await fetch(`${server.origin}/auth/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }),
      'a body that is too large': await fetch(`${server.origin}/auth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: 'x'.repeat(70_000),
      }),
      'a stream': await fetch(`${server.origin}/realtime/events?channel=${channel}`, { headers: { ...bearer, accept: 'text/event-stream' } }),
    };
    for (const [what, { headers, body }] of Object.entries(answers)) {
      await body?.cancel();
      expect(headers.get('x-content-type-options'), what).toBe('nosniff');
      expect(headers.get('cache-control'), what).toMatch(/no-store|no-cache/);
      if (what !== 'a stream') expect(headers.get('content-security-policy'), what).toContain("frame-ancestors 'none'");
      expect(headers.get('x-powered-by'), what).toBeNull();
      // A load balancer in front may name itself, without a version.
      expect([null, 'nginx'], what).toContain(headers.get('server'));
    }
  });
});
