import { ChannelName, CreateThread, EditMessage, Login, React, SendMessage, UserId } from '@veche/contracts';
import { expect, test } from 'vitest';
import { eventsOf, Plan } from './plan.ts';

const scale = { users: 200, threads: 100, messages: 3000, seed: 'test' };
const plan = new Plan(scale);
const threads = Array.from({ length: scale.threads }, (_, place) => plan.thread(place));

test('a plan is decided by its options alone', () => {
  const again = new Plan({ ...scale });
  expect(again.thread(7)).toEqual(plan.thread(7));
  expect([...again.messages(7, again.thread(7))]).toEqual([...plan.messages(7, plan.thread(7))]);
  expect(new Plan({ ...scale, seed: 'other' }).thread(7).channel).not.toBe(plan.thread(7).channel);
});

test('people and threads are what the doors would take', () => {
  for (let place = 0; place < scale.users; place++) {
    const { id, login, name } = plan.person(place);
    expect([UserId.parse(id), Login.parse(login)]).toEqual([id, login]);
    expect(name.isWellFormed()).toBe(true);
  }
  for (const { channel, title } of threads) expect([ChannelName.parse(channel), CreateThread.schema.shape.title.parse(title)]).toEqual([channel, title]);
});

test('every word comes from a member and would be taken, in many scripts', () => {
  const texts: string[] = [];
  threads.forEach((thread, place) => {
    const members = new Set([thread.owner, ...thread.members]);
    for (const { user, text, attachments, follow } of plan.messages(place, thread)) {
      SendMessage.schema.parse({ text, ...(attachments && { attachments }) });
      texts.push(text);
      expect(members.has(user)).toBe(true);
      for (const each of follow) {
        expect(members.has(each.user)).toBe(true);
        if (each.does === 'edit') expect(EditMessage.schema.shape.text.parse(each.text)).not.toBe(text);
        if (each.does === 'react') React.schema.shape.reaction.parse(each.reaction);
      }
    }
  });
  expect(texts.length).toBe(scale.messages);
  for (const script of ['Latin', 'Cyrillic', 'Arabic', 'Hebrew', 'Devanagari', 'Han', 'Hiragana', 'Hangul', 'Emoji_Presentation'])
    expect(
      texts.some((text) => new RegExp(script.includes('_') ? `\\p{${script}}` : `\\p{Script=${script}}`, 'u').test(text)),
      script,
    ).toBe(true);
});

test('few threads are large, many are small', () => {
  const sizes = threads.map(({ members }) => members.length + 1).toSorted((a, b) => b - a);
  expect(sizes[0]).toBeGreaterThan(3 * (sizes[50] ?? 0));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2);
  expect(threads[0]?.messages).toBeGreaterThan(10 * (threads[50]?.messages ?? 0));
});

test('what follows a message is counted', () => {
  const thread = threads[0];
  if (!thread) throw new Error('no thread');
  const messages = [...plan.messages(0, thread)];
  expect(eventsOf(plan, 0, thread)).toBe(1 + messages.length + messages.flatMap(({ follow }) => follow).length);
  expect(messages.some(({ follow }) => follow.length > 0)).toBe(true);
});
