import { ERRORS, type ErrorName, VecheError } from '@veche/contracts';
import { expect, test } from 'vitest';
import { errorAnswer } from './error-answer.rules.ts';

test('says everything that the table says, with details and the wait', () => {
  const { status, headers, body } = errorAnswer(new VecheError('too_many_requests', 'slow down', [{ path: 'a', message: 'b' }], 1_500));
  expect(status).toBe(429);
  expect(headers).toMatchObject({ 'Retry-After': '2', 'Cache-Control': 'no-store' });
  expect(body).toEqual({
    error: {
      code: 111,
      name: 'too_many_requests',
      message: 'slow down',
      advice: ERRORS.too_many_requests.advice,
      retryable: true,
      details: [{ path: 'a', message: 'b' }],
      retry_after_ms: 1_500,
    },
  });
});

test.each(Object.keys(ERRORS) as ErrorName[])('%s has the status of its row', (name) => {
  expect(errorAnswer(new VecheError(name)).status).toBe(ERRORS[name].http);
});

test('what passes by itself always says when to come back', () => {
  expect((['unavailable', 'outcome_unknown', 'too_many_requests'] as const).map((name) => errorAnswer(new VecheError(name)).headers['Retry-After'])).toEqual([
    '1',
    '1',
    '1',
  ]);
  expect((['internal', 'bad_request'] as const).map((name) => errorAnswer(new VecheError(name)).headers['Retry-After'])).toEqual([undefined, undefined]);
});

test.each([[new Error('SELECT secret FROM host 10.0.0.1')], ['thrown text'], [undefined], [{ statusCode: 500, message: 'x' }]])(
  'hides what %s says',
  (thrown) => {
    const { status, body } = errorAnswer(thrown);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/SELECT|10\.0|thrown|stack/);
  },
);

test('errors of the HTTP server keep what they say about the request', () => {
  expect([413, 404, 415, 400].map((statusCode) => errorAnswer({ statusCode }).status)).toEqual([413, 404, 400, 400]);
});
