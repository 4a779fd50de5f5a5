import { Module } from '@nestjs/common';
import { Absences } from './absence/absences.ts';
import { DeliverNoticeHandler } from './dispatch/deliver-notice.handler.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Follower } from './following/follower.ts';
import { FollowEventHandler } from './following/follow-event.handler.ts';
import { Gates } from './following/gates.ts';
import { Hints } from './following/hints.ts';
import { Housekeeping } from './following/housekeeping.ts';
import { Round } from './following/round.ts';
import { Rounds } from './following/rounds.ts';
import { Sweep } from './following/sweep.ts';
import { NotificationTelemetry } from './notification.telemetry.ts';
import { Names } from './planning/names.ts';
import { GetBadgeHandler } from './reading/get-badge.handler.ts';
import { GetPreferencesHandler } from './reading/get-preferences.handler.ts';
import { ListNoticesHandler } from './reading/list-notices.handler.ts';

const FOLLOWING = [Hints, Names, Round, Rounds, Gates, Follower, Sweep, Absences, Dispatcher, Housekeeping];
const HANDLERS = [ListNoticesHandler, GetBadgeHandler, GetPreferencesHandler, DeliverNoticeHandler, FollowEventHandler];

/**
 * The notification service: follows the logs, decides who should learn of what, sends commands, answers questions. It appends nothing.
 * Needs the event log, Postgres, messaging, telemetry and the section `notification` of the configuration.
 */
@Module({ providers: [NotificationTelemetry, ...FOLLOWING, ...HANDLERS] })
export class NotificationModule {}
