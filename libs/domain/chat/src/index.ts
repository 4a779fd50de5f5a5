export { chatConfig } from './chat.config.ts';
export { ChatModule } from './chat.module.ts';
export { chatMigrations } from './migrations/index.ts';
export { rebuildThread } from './projection/rebuild.ts';
