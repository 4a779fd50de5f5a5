import { describe, expect, it } from 'vitest';
import { Logger } from '../logger.ts';
import { recordedTracing } from './recorded-tracing.ts';
import { currentSpan, Tracing } from './tracing.ts';

const CLIENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('off', () => {
  it('makes no span of anything and still runs what it is given', async () => {
    const tracing = Tracing.off();
    expect(tracing.receive('frame', CLIENT)).toBeUndefined();
    expect(tracing.continueFrom(CLIENT, 'work')).toBeUndefined();
    expect(await tracing.span('part', {}, async (span) => [span, tracing.current])).toEqual([undefined, undefined]);
    await tracing.stop();
  });
});

describe('a trace', () => {
  it('goes from the client through every hop that carries its traceparent', async () => {
    const { tracing, spans } = await recordedTracing();
    const frame = tracing.receive('frame', CLIENT)!;
    const sent = await tracing.during(frame, () => tracing.span('send', { kind: 'producer' }, async (span) => span!.traceparent));
    tracing.continueFrom(sent, 'handle', { kind: 'consumer', attributes: { kind: 'x' } })?.end();
    const all = Object.fromEntries((await spans()).map((span) => [span.name, span]));
    expect(new Set(Object.values(all).map(({ traceId }) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
    expect(all['frame']?.parent).toBe('b7ad6b7169203331');
    expect(all['send']?.parent).toBe(all['frame']?.spanId);
    expect(all['handle']).toMatchObject({ parent: all['send']?.spanId, attributes: { kind: 'x' } });
  });

  it('links a batch to its many parents, and says how many it left out', async () => {
    const { tracing, spans } = await recordedTracing();
    const parents = Array.from({ length: 70 }, (_, index) => tracing.receive(`frame ${index}`, undefined)!);
    tracing.continueFrom(parents[0]!.traceparent, 'batch', { links: [undefined, ...parents.map(({ traceparent }) => traceparent)] })!.end();
    const [batch] = await spans();
    expect(batch!.links).toHaveLength(63);
    expect(batch!.links[1]).toBe(parents[1]!.spanId);
    expect(batch!.attributes).toMatchObject({ 'veche.links_left_out': 7 });
  });

  it('names a failure by its kind, and never by its text', async () => {
    const { tracing, spans } = await recordedTracing();
    const secret = Object.assign(new Error('insert into event values (the secret)'), { code: '23505' });
    await expect(tracing.during(tracing.receive('frame', undefined), () => Promise.reject(secret))).rejects.toBe(secret);
    const [span] = await spans();
    expect(span!.attributes).toMatchObject({ 'error.type': '23505' });
    expect(span).toMatchObject({ failed: true });
    expect(JSON.stringify(span)).not.toContain('secret');
  });
});

it.each([[undefined], [null], ['text'], [{ error: 'unavailable' }], [Object.create(null)]])('a failure may be anything: %j', async (thrown) => {
  const { tracing, spans } = await recordedTracing();
  await tracing.during(tracing.receive('frame', undefined), () => Promise.reject(thrown)).catch(() => undefined);
  expect(await spans()).toMatchObject([{ failed: true }]);
});

describe('the current span', () => {
  it('is that of the flow, and nobody’s once it has ended', async () => {
    const { tracing } = await recordedTracing();
    const span = tracing.receive('frame', undefined)!;
    let later: (() => unknown) | undefined;
    await tracing.during(span, async () => {
      expect(tracing.current).toBe(span);
      later = await new Promise<() => unknown>((resolve) => setImmediate(() => resolve(() => tracing.current)));
      await tracing.during(undefined, async () => expect(currentSpan()).toBeUndefined());
      expect(later()).toBe(span);
    });
    expect(tracing.within(span, () => later!())).toBeUndefined();
  });

  it('stands in every log record, and outside a trace no field does', async () => {
    const { tracing } = await recordedTracing();
    const lines: string[] = [];
    const log = Logger.to({ write: (line) => lines.push(line) }).child('test');
    const span = tracing.receive('frame', undefined)!;
    tracing.within(span, () => log.info({ queue: 1 }, 'inside'));
    log.info('outside');
    expect(JSON.parse(lines[0]!)).toMatchObject({ trace_id: span.traceId, span_id: span.spanId, queue: 1, msg: 'inside' });
    expect(lines[1]).not.toContain('trace_id');
  });
});

describe('sampling', () => {
  const traced = async (
    sampler: 'parentbased_traceidratio' | 'traceidratio' | 'parentbased_always_off' | 'always_on',
    ratio: number,
    client?: string,
  ): Promise<number> => {
    const { tracing } = await recordedTracing({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio, TRACE_CLIENT_PER_SECOND: 5 });
    return Array.from({ length: 2000 }, () => tracing.receive('frame', client)).filter(Boolean).length;
  };

  it('takes the share that is set', async () => {
    expect(await traced('parentbased_traceidratio', 0)).toBe(0);
    expect(await traced('parentbased_traceidratio', 1)).toBe(2000);
    const some = await traced('traceidratio', 0.1);
    expect(some).toBeGreaterThan(100);
    expect(some).toBeLessThan(300);
  });

  it('heeds a client that asks, up to a bound, and one that asks not to be traced', async () => {
    const asked = await traced('parentbased_always_off', 0, CLIENT);
    // The two thousand may fall into two seconds.
    expect([5, 10]).toContain(asked);
    expect(await traced('parentbased_traceidratio', 1, CLIENT.replace(/01$/, '00'))).toBe(0);
    expect(await traced('traceidratio', 0, CLIENT)).toBe(0);
    expect(await traced('always_on', 0, CLIENT.replace(/01$/, '00'))).toBe(2000);
  });

  it('begins a trace of its own when what a client sends is no traceparent', async () => {
    const { tracing } = await recordedTracing();
    for (const bad of ['', 'x', CLIENT.replace('00-', 'ff-'), CLIENT.replace(/-[0-9a-f]{32}-/, `-${'0'.repeat(32)}-`), `${CLIENT}x`, 'a'.repeat(10_000)])
      expect(tracing.receive('frame', bad)!.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
  });
});
