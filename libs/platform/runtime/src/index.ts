export { run } from './run.ts';
export { type RuntimeConfig, runtimeConfig } from './runtime.config.ts';
export { type Drain, Drains, Readiness, type ReadinessCheck } from './hooks.ts';
export { StartError } from './listen.ts';
