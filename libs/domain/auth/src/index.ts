export { authConfig } from './auth.config.ts';
export { AuthModule } from './auth.module.ts';
export { authMigrations } from './migrations/index.ts';
