/** Questions to the notification service. */
import { z } from 'zod';
import { UserId } from '../ids.ts';
import { request } from '../message.ts';
import type { Notice, NoticeKinds } from './notices.ts';

/** The badge, and how much of the inbox it reflects. */
export interface Badge {
  readonly unread: number;
  /** Of the inbox's last event that touched notices: a live event up to it is in the figure already. */
  readonly seq: number;
}

export interface NoticePage extends Badge {
  /** The newest first. */
  readonly notices: readonly Notice[];
  /** Give it as `after` for the next page; null on the last. */
  readonly next: string | null;
}

export interface NotificationPreferences extends NoticeKinds {
  /** Channel names of the muted threads. */
  readonly muted: readonly string[];
}

export const ListNotices = request<NoticePage>()(
  'notification.list-notices.v1',
  z.strictObject({
    user: UserId,
    limit: z.coerce.number().int().min(1).max(100).default(50),
    /** `next` of the page before. */ after: z.string().max(200).optional(),
  }),
);
export const GetBadge = request<Badge>()('notification.get-badge.v1', z.strictObject({ user: UserId }));
export const GetPreferences = request<NotificationPreferences>()('notification.get-preferences.v1', z.strictObject({ user: UserId }));
