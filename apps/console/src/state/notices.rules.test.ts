import type { Notice, NoticePage } from '@veche/contracts';
import { expect, test } from 'vitest';
import { KINDS } from './kinds.ts';
import { type InboxEvent, isAboutNotices, NO_NOTICES, paged, withEvent } from './notices.rules.ts';

const notice = (seq: number, change: Partial<Notice> = {}): Notice => ({
  id: `n${seq}`,
  seq,
  kind: 'mention',
  thread: 'thread:1',
  thread_seq: seq * 10,
  by: 'u',
  ts: seq,
  read: false,
  ...change,
});
const page = (seq: number, unread: number, ...notices: Notice[]): NoticePage => ({ seq, unread, notices, next: null });
const event = (seq: number, kind: string, data: object): InboxEvent => ({ id: `n${seq}`, seq, kind, ts: seq, data });
const told = (seq: number, unread: number): InboxEvent =>
  event(seq, KINDS.notified, { kind: 'mention', thread: 'thread:1', thread_seq: seq * 10, by: 'u', unread });

test('a live notice goes on top, and the badge is what it says', () => {
  const known = withEvent(paged(NO_NOTICES, page(1, 1, notice(1))), told(2, 2));
  expect(known).toEqual({ unread: 2, seq: 2, list: [notice(2), notice(1)] });
});

test('an event that is seen twice, and a page that is older than an event, change nothing', () => {
  const known = withEvent(NO_NOTICES, told(3, 1));
  expect(withEvent(known, told(3, 9))).toBe(known);
  expect(paged(known, page(2, 0))).toBe(known);
});

test('what another device has read is read here', () => {
  const known = paged(NO_NOTICES, page(4, 4, ...[4, 3, 2, 1].map((seq) => notice(seq))));
  const readOf = (...change: InboxEvent[]): unknown =>
    change
      .reduce(withEvent, known)
      .list.filter(({ read }) => read)
      .map(({ seq }) => seq);
  expect(readOf(event(5, KINDS.noticeRead, { notice_id: 'n3', unread: 3 }))).toEqual([3]);
  expect(readOf(event(5, KINDS.allNoticesRead, { through: 2, unread: 2 }))).toEqual([2, 1]);
  expect(readOf(event(5, KINDS.threadCleared, { thread: 'thread:1', thread_seq: 10, unread: 3 }))).toEqual([1]);
  expect(readOf(event(5, KINDS.threadCleared, { thread: 'thread:2', thread_seq: 99, unread: 4 }))).toEqual([]);
});

test('other events of the inbox are no matter of notices', () => {
  expect(isAboutNotices(KINDS.threadRead)).toBe(false);
  expect(withEvent(NO_NOTICES, event(1, KINDS.threadRead, {}))).toBe(NO_NOTICES);
});
