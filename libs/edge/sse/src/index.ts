export { SseEdgeModule } from './sse-edge.module.ts';
export { type SseConfig, sseConfig } from './sse.config.ts';
