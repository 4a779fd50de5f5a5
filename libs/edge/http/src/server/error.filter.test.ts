import { type ArgumentsHost, NotFoundException } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { expect, test } from 'vitest';
import { HttpTelemetry } from '../http.telemetry.ts';
import { ErrorFilter } from './error.filter.ts';

const config = { HTTP_REQUESTS_PER_MINUTE: 30, HTTP_ALLOWED_ORIGINS: [], HTTP_TRUSTED_PROXIES: 0, DOORS_QUERY_TOKEN: true, DOORS_TOKEN_COOKIE: '' };
const filter = new ErrorFilter(config, new HttpTelemetry(new Metrics(), Logger.silent()));

interface Sent {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

function answerTo(thrown: unknown, type = 'http'): Sent {
  const sent: Sent = {};
  const reply = {
    code: (status: number) => ((sent.status = status), reply),
    headers: (headers: Record<string, string>) => ((sent.headers = headers), reply),
    send: (body: string) => ((sent.body = body), reply),
  };
  const host = { getType: () => type, switchToHttp: () => ({ getRequest: () => ({ headers: {} }), getResponse: () => reply }) };
  filter.catch(thrown, host as unknown as ArgumentsHost);
  return sent;
}

test('an address that does not exist is answered in our form, with our headers', () => {
  const { status, headers, body } = answerTo(new NotFoundException());
  expect(status).toBe(404);
  expect(headers).toMatchObject({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
  expect(JSON.parse(body ?? '')).toMatchObject({ error: { name: 'not_found', message: expect.stringContaining('/openapi.json') } });
});

test('a failure of ours tells nothing of itself', () => {
  expect(answerTo(new TypeError('secret of 10.0.0.1'))).toMatchObject({ status: 500, body: expect.not.stringContaining('secret') });
});

test('a refusal of a bus handler stays what it is', () => {
  const refusal = new VecheError('permission_denied');
  expect(() => answerTo(refusal, 'rpc')).toThrow(refusal);
});
