export * from './door.ts';
export * from './doors.ts';
export { Framings, escapeNonAscii } from './framings.ts';
export { Grants } from './grants/grants.ts';
export { Limits, type Allowed } from './limits/limits.ts';
export * from './http/index.ts';
export * from './operations/index.ts';
