import { Module } from '@nestjs/common';
import { ClearThreadHandler } from './inbox/clear-thread.handler.ts';
import { MuteThreadHandler } from './inbox/mute-thread.handler.ts';
import { NotifyHandler } from './inbox/notify.handler.ts';
import { ReadAllNoticesHandler } from './inbox/read-all-notices.handler.ts';
import { ReadNoticeHandler } from './inbox/read-notice.handler.ts';
import { SetPreferencesHandler } from './inbox/set-preferences.handler.ts';
import { NotificationTelemetry } from './notification.telemetry.ts';

const HANDLERS = [NotifyHandler, ClearThreadHandler, ReadNoticeHandler, ReadAllNoticesHandler, SetPreferencesHandler, MuteThreadHandler];

/**
 * The owner's side of notices, for the app that consumes commands: decides what stands in an inbox and projects it, in the transaction of the
 * owner loop. Needs the event log, telemetry and the section `notification` of the configuration.
 */
@Module({ providers: [NotificationTelemetry, ...HANDLERS] })
export class NoticeChannelModule {}
