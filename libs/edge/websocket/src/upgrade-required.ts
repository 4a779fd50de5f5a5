import type { AbstractHttpAdapter } from '@nestjs/core';
import { VecheError } from '@veche/contracts';
import { errorAnswer } from '@veche/edge-realtime';

const STATUS = 426;

/** A plain GET of a socket's address, from a browser's address line or a proxy that dropped the upgrade, is told what is missing. */
export function answerPlainRequests(http: AbstractHttpAdapter, paths: readonly string[]): void {
  const { headers, body } = errorAnswer(
    new VecheError('bad_request', 'this address takes WebSocket upgrades: connect with a WebSocket client, and let proxies pass the Upgrade header'),
  );
  for (const path of paths) {
    http.get(path, (_request: unknown, reply: unknown) => {
      for (const [name, value] of Object.entries({ ...headers, Upgrade: 'websocket' })) http.setHeader(reply, name, value);
      return http.reply(reply, body, STATUS);
    });
  }
}
