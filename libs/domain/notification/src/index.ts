export { notificationConfig } from './notification.config.ts';
export { NotificationModule } from './notification.module.ts';
export { NoticeChannelModule } from './notice-channel.module.ts';
export { notificationMigrations } from './migrations/index.ts';
export { rebuildInbox } from './inbox/rebuild.ts';
