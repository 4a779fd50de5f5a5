import { describe, expect, it } from 'vitest';
import { type OutboxState, pressureOf } from './outbox.ts';

const LIMITS = { GATEWAY_WS_MAX_OUTBOX: 100, GATEWAY_MAX_OUTBOX_BYTES: 1_048_576, GATEWAY_DRAIN_TIMEOUT_MS: 10_000 };
const calm: OutboxState = { frames: 0, bytes: 0, waitingMs: 0, unanswered: 0, askedMs: -1 };
const pressure = (state: Partial<OutboxState>): string => pressureOf({ ...calm, ...state }, LIMITS);

describe('an outbox', () => {
  it.each([
    ['nothing waits', {}, 'calm'],
    ['the hundredth frame', { frames: 100, bytes: 2_000 }, 'calm'],
    ['one frame more', { frames: 101, bytes: 2_000 }, 'slow'],
    ['64 KB', { frames: 4, bytes: 65_536 }, 'calm'],
    ['one byte more', { frames: 4, bytes: 65_537 }, 'pressed'],
    ['a mebibyte', { frames: 4, bytes: 1_048_576 }, 'pressed'],
    ['one byte more than that', { frames: 4, bytes: 1_048_577 }, 'slow'],
    ['ten seconds without a drain', { frames: 1, bytes: 1, waitingMs: 10_000 }, 'slow'],
    ['half of the bytes unanswered', { unanswered: 524_289 }, 'ping'],
    ['the same, asked within this millisecond', { unanswered: 524_289, askedMs: 0 }, 'calm'],
    ['the same, asked already', { unanswered: 524_289, askedMs: 50 }, 'calm'],
    ['so many unanswered that only events still fit', { unanswered: 983_041, askedMs: 50 }, 'pressed'],
    ['all of the bytes unanswered, asked just now', { unanswered: 1_048_577, askedMs: 999 }, 'pressed'],
    ['all of the bytes unanswered for a second', { unanswered: 1_048_577, askedMs: 1_000 }, 'slow'],
  ] as const)('%s: %s → %s', (_what, state, expected) => {
    expect(pressure(state)).toBe(expected);
  });
});
