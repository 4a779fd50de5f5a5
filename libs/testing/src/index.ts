export * from './chromium.ts';
export * from './free-port.ts';
export * from './leaks.ts';
export * from './postgres/binaries.ts';
export * from './postgres/database.ts';
export * from './postgres/server.ts';
export * from './waiters.ts';
