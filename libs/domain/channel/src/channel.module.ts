import { Global, Module } from '@nestjs/common';
import { RETENTION } from '@veche/event-log';
import { AuthorizeChannelHandler } from './access/authorize-channel.handler.ts';
import { OpenChannelHandler } from './access/open-channel.handler.ts';
import { channelsConfig, type ChannelsConfig } from './channels.config.ts';
import { NamespaceRetention } from './namespace/kept-history.ts';
import { Namespaces } from './namespace/namespaces.ts';
import { PublishHandler } from './publication/publish.handler.ts';

/**
 * The owner of application channels and inboxes. Needs the event log, messaging and the section `channels` of the configuration.
 * Global for RETENTION alone: the log's trim asks for it without knowing who answers.
 */
@Global()
@Module({
  providers: [
    { provide: Namespaces, inject: [channelsConfig.token], useFactory: (config: ChannelsConfig) => new Namespaces(config) },
    { provide: RETENTION, inject: [Namespaces], useFactory: (namespaces: Namespaces) => new NamespaceRetention(namespaces) },
    AuthorizeChannelHandler,
    OpenChannelHandler,
    PublishHandler,
  ],
  exports: [RETENTION],
})
export class ChannelModule {}
