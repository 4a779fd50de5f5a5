export * from './ports.ts';
export * from './tokens.ts';
export * from './command-handlers.ts';
export { SLOTS, slotOf } from './slot.ts';
