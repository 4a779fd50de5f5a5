export { type WebSocketConfig, websocketConfig } from './websocket.config.ts';
export { WebSocketEdgeModule } from './websocket-edge.module.ts';
