/**
 * The event kinds that the page folds. Their constants in contracts carry schemas, which would triple the bundle;
 * kinds.test.ts holds these strings to the contracts.
 */
export const KINDS = {
  threadCreated: 'chat.thread-created.v1',
  threadRenamed: 'chat.thread-renamed.v1',
  memberAdded: 'chat.member-added.v1',
  memberRoleChanged: 'chat.member-role-changed.v1',
  memberRemoved: 'chat.member-removed.v1',
  messageSent: 'chat.message-sent.v1',
  messageEdited: 'chat.message-edited.v1',
  messageDeleted: 'chat.message-deleted.v1',
  messageReacted: 'chat.message-reacted.v1',
  threadRead: 'chat.thread-read.v1',
  notified: 'notification.notified.v1',
  noticeRead: 'notification.notice-read.v1',
  allNoticesRead: 'notification.all-notices-read.v1',
  threadCleared: 'notification.thread-cleared.v1',
} as const;
