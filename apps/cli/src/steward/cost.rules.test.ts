import { describe, expect, it } from 'vitest';
import { costOf, knownCost, sessionsIn } from './cost.rules.ts';

describe('the cost of a pod', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [1_023, 10],
    [1_024, 11],
    [10_000, 14],
    [100_000, 17],
  ])('with %i sessions is %i', (sessions, cost) => {
    expect(costOf(sessions, undefined)).toBe(cost);
  });

  it.each([
    [1_020, 11, 11],
    [921, 11, 10],
    [2_100, 11, 11],
    [2_253, 11, 12],
    [0, 1, 0],
    [5_000, 1, 13],
    [3, 9, 2],
  ])('with %i sessions and a cost of %i before is %i: near a border it stays', (sessions, known, cost) => {
    expect(costOf(sessions, known)).toBe(cost);
  });

  it('does not change while sessions come and go around a border', () => {
    let cost = costOf(1_024, undefined);
    const seen = new Set([cost]);
    for (let n = 0; n < 1_000; n++) seen.add((cost = costOf(1_024 + Math.round(Math.sin(n) * 80), cost)));
    expect([...seen]).toEqual([11]);
  });

  it('is read from an annotation of ours only', () => {
    expect(['12', '0', undefined, '-100', 'soon', '5000', ''].map(knownCost)).toEqual([12, 0, undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('sessions', () => {
  it('are those over WebSockets and streams together', () => {
    const page = [
      '# HELP veche_ws_connections_active Open WebSocket sessions',
      '# TYPE veche_ws_connections_active gauge',
      'veche_ws_connections_active{server_id="a-1"} 1200',
      'veche_sse_connections_active{server_id="a-1"} 34',
      'online_ws_clients 1200',
      'veche_ws_connections_active_other 7',
    ].join('\n');
    expect(sessionsIn(page)).toBe(1_234);
  });

  it('of something that is no edge are an error, not none', () => {
    expect(() => sessionsIn('veche_build_info 1\n')).toThrow('selector');
  });
});
