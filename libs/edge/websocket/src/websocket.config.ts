import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';

const whole = (initially: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(initially);

export const websocketConfig = section('websocket', {
  WEBSOCKET_MAX_HANDSHAKES: setting(whole(512, 1, 100_000), 'WebSocket handshakes that may be in progress at once; more are refused with 503'),
  WEBSOCKET_HANDSHAKE_MS: setting(whole(5_000, 100, 60_000), 'Milliseconds that a WebSocket handshake may take once its request has arrived'),
});
export type WebSocketConfig = ConfigOf<typeof websocketConfig>;
