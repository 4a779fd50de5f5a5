import type { ChannelEvent, Signal } from '@veche/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeCommands, encodeCommands } from './command-records.ts';
import { decodeEvents, decodeSignals, encodeEvents, encodeSignals } from './event-records.ts';

/** Any well-formed text, several scripts and escapes included. */
const text = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', maxLength });
const channel = fc.stringMatching(/^[a-z]{1,8}:[A-Za-z0-9_-]{1,40}$/);
const meta = fc.option(text(50), { nil: null });
/** Absent for all but a few. */
const traced = { traceparent: fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01') };
const untraced: fc.Arbitrary<ChannelEvent> = fc.record({
  channel,
  epoch: fc.stringMatching(/^[a-z0-9]{1,32}$/),
  seq: fc.nat(Number.MAX_SAFE_INTEGER),
  id: fc.uuid(),
  kind: fc.constant('chat.message-sent.v1'),
  actor: text(90),
  command_id: fc.stringMatching(/^[!-~]{1,64}$/),
  ts: fc.nat(4e12),
  data: text(400),
  meta,
});
const event: fc.Arbitrary<ChannelEvent> = fc.oneof(
  untraced,
  fc.tuple(untraced, fc.record(traced)).map(([plain, trace]) => ({ ...plain, ...trace })),
);
const signal: fc.Arbitrary<Signal> = fc.record({ channel, kind: fc.constant('channel.joined.v1'), actor: text(90), data: text(100), meta });

it('reads every event as it was written', () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 20 }), (events) => void expect(decodeEvents(encodeEvents(events), () => true)).toEqual(events)));
});

it('reads every signal as it was written', () => {
  fc.assert(fc.property(fc.array(signal, { maxLength: 20 }), (signals) => void expect(decodeSignals(encodeSignals(signals), () => true)).toEqual(signals)));
});

it('reads every command as it was written, data as JSON', () => {
  const names = {
    kind: fc.constant('chat.send-message.v1'),
    channel,
    actor: text(90),
    command_id: fc.stringMatching(/^[!-~]{1,64}$/),
    data: fc.jsonValue(),
    meta,
    deadline: fc.nat(4e12),
  };
  const command = fc.oneof(fc.record(names), fc.record({ ...names, ...traced }));
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
      const sealed = commands.map(({ data, ...envelope }) => ({ ...envelope, json: JSON.stringify(data) }));
      expect(decodeCommands(encodeCommands(sealed))).toEqual(
        commands.map(({ data, ...envelope }) => ({ ...envelope, data: JSON.parse(JSON.stringify(data)) as unknown })),
      );
    }),
  );
});

const sample: ChannelEvent = { channel: 'thread:a', epoch: 'e', seq: 1, id: 'i', kind: 'k', actor: 'a', command_id: 'c', ts: 2, data: '{}', meta: null };

it('skips records of channels that nobody wants', () => {
  const events = [sample, { ...sample, channel: 'thread:b', seq: 2 }, { ...sample, seq: 3 }];
  expect(decodeEvents(encodeEvents(events), (name) => name === 'thread:b').map(({ seq }) => seq)).toEqual([2]);
});

it('carries bodies far larger than its first buffer', () => {
  const events = Array.from({ length: 40 }, (_, index) => ({ ...sample, seq: index, data: 'ж'.repeat(65_536) }));
  expect(decodeEvents(encodeEvents(events), () => true)).toEqual(events);
});

it('refuses a name that does not fit, and stays usable', () => {
  expect(() => encodeEvents([sample, { ...sample, kind: 'k'.repeat(300) }])).toThrow(RangeError);
  expect(decodeEvents(encodeEvents([sample]), () => true)).toEqual([sample]);
});
