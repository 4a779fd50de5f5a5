import {
  AllNoticesRead,
  MemberAdded,
  MemberRemoved,
  MemberRoleChanged,
  MessageDeleted,
  MessageEdited,
  MessageReacted,
  MessageSent,
  NoticeRead,
  Notified,
  ThreadCleared,
  ThreadCreated,
  ThreadRead,
  ThreadRenamed,
} from '@veche/contracts';
import { expect, test } from 'vitest';
import { KINDS } from './kinds.ts';

test('the kinds that the page folds are those of the contracts', () => {
  const contracts = {
    ThreadCreated,
    ThreadRenamed,
    MemberAdded,
    MemberRoleChanged,
    MemberRemoved,
    MessageSent,
    MessageEdited,
    MessageDeleted,
    MessageReacted,
    ThreadRead,
    Notified,
    NoticeRead,
    AllNoticesRead,
    ThreadCleared,
  };
  const kinds = Object.entries(contracts).map(([name, contract]) => [name.charAt(0).toLowerCase() + name.slice(1), contract.kind]);
  expect(KINDS).toEqual(Object.fromEntries(kinds));
});
