export { ChannelModule } from './channel.module.ts';
export { channelsConfig } from './channels.config.ts';
