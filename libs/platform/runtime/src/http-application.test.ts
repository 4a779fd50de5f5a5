import 'reflect-metadata';
import { connect } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { httpAdapter } from './http-application.ts';
import { finishRequests } from './finish-requests.ts';
import { runtimeConfig } from './runtime.config.ts';
import { ProcessStage } from './stage.ts';

let app: NestFastifyApplication;
let port: number;
const stage = new ProcessStage();
let release: () => void;

beforeAll(async () => {
  class Root {}
  Module({})(Root);
  const config = valuesOf(
    loadConfig([runtimeConfig], { VECHE_HEADERS_TIMEOUT_MS: '150', VECHE_REQUEST_TIMEOUT_MS: '300', VECHE_HEADER_BYTES: '4096' }),
    runtimeConfig,
  );
  app = await NestFactory.create<NestFastifyApplication>(Root, httpAdapter(config, stage), { logger: false, abortOnError: false });
  app
    .getHttpAdapter()
    .getInstance()
    .post('/echo', async (request) => request.body);
  app
    .getHttpAdapter()
    .getInstance()
    .get('/of/:channel', async (request) => (request.params as { channel: string }).channel);
  app
    .getHttpAdapter()
    .getInstance()
    .get('/slow', async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      release = () => resolve('answered');
      return promise;
    });
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer().address() as { port: number }).port;
});

afterAll(() => app.close());

/** What the server answers to these bytes, until it closes. */
const answerTo = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });

const errorOf = (answer: string): { status: number; name: string; message: string } => {
  const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { error: { name: string; message: string } };
  return { status: Number(answer.split(' ')[1]), name: error.name, message: error.message };
};

it('gives up on headers that do not arrive in time', async () => {
  expect(errorOf(await answerTo('GET / HTTP/1.1\r\nHost: a\r\n'))).toMatchObject({ status: 408, name: 'bad_request' });
});

it('gives up on a body that does not arrive in time', async () => {
  expect(errorOf(await answerTo('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'))).toMatchObject({
    status: 408,
  });
});

it('refuses headers beyond the bound, by name', async () => {
  expect(errorOf(await answerTo(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(8000)}\r\n\r\n`))).toMatchObject({ status: 431, name: 'limit_exceeded' });
});

it('refuses what is not HTTP', async () => {
  expect(errorOf(await answerTo('\u0000\u0001 nonsense\r\n\r\n'))).toMatchObject({ status: 400, name: 'bad_request' });
});

it('refuses an address that cannot be decoded', async () => {
  expect(errorOf(await answerTo('GET /of/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'))).toMatchObject({ status: 400, name: 'bad_request' });
});

it('takes a channel of full length, percent-encoded, in the address', async () => {
  const channel = `a:${'/'.repeat(126)}`;
  const response = await fetch(`http://127.0.0.1:${port}/of/${encodeURIComponent(channel)}`);
  expect([response.status, await response.text()]).toEqual([200, channel]);
});

it('takes a body of 65,536 bytes and not one more', async () => {
  const post = async (bytes: number): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(bytes - 2)),
    });
    await response.arrayBuffer();
    return response.status;
  };
  expect([await post(65_536), await post(65_537)]).toEqual([200, 413]);
});

// The last: nothing is taken afterwards.
it('answers what it has taken before it is gone, and says to those who keep connections that this one ends', async () => {
  const idle = answerTo('GET /of/a HTTP/1.1\r\nHost: a\r\n\r\n');
  const slow = answerTo('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await vi.waitUntil(() => release, { interval: 1 });
  stage.current = 'draining';
  const late = await answerTo('GET /of/b HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(late).toMatch(/^HTTP\/1.1 200[\s\S]*connection: close/i);
  const finished = finishRequests(app.getHttpServer());
  expect(await idle).toMatch(/^HTTP\/1.1 200/);
  await expect(answerTo('GET /of/c HTTP/1.1\r\nHost: a\r\n\r\n')).rejects.toThrow('ECONNREFUSED');
  release();
  expect(await slow).toMatch(/answered$/);
  await finished;
});
