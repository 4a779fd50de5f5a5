import { type CloseRow, DISCONNECTS } from '@veche/contracts';
import { expect, test } from 'vitest';
import { V2_SSE } from '../delivery/variants.ts';
import type { Transport } from '../door.ts';
import { disconnectPush } from '../v2/codec.ts';
import type { LanguageHandler, SessionServices } from './services.ts';
import { Session } from './session.ts';

test('a session that is closed for being slow says goodbye once, however slow it is', () => {
  const written: string[] = [];
  const closed: CloseRow[] = [];
  const transport: Transport = {
    framing: 'sse',
    door: 'sse',
    descriptor: -1,
    rest: () => {},
    waitingFrames: 1_000,
    waitingBytes: 10_000_000,
    write: (bytes) => void written.push(bytes.toString()),
    close: (reason) => void closed.push(reason),
  };
  const services = { unansweredSoft: 1, replies: () => {}, ended: () => {}, closing: () => {}, pressed: (session: Session) => session.close(DISCONNECTS.slow) };
  const language = { frame: () => {}, farewell: (_session: Session, reason: CloseRow) => disconnectPush(reason) };
  const session = new Session(
    transport,
    { address: '127.0.0.1' },
    V2_SSE,
    language as unknown as LanguageHandler<Session>,
    services as unknown as SessionServices<Session>,
  );
  session.phase = 'live';
  session.send('{"id":1}');
  session.close(DISCONNECTS.slow);
  expect(closed).toEqual([DISCONNECTS.slow]);
  expect(written.join('')).toBe(`data: {"id":1}\n\ndata: ${disconnectPush(DISCONNECTS.slow)}\n\n`);
});
