/** Threads as people really write them, in several scripts, for looking at the page. */
import type { Mock } from './mock-server.ts';

const MINUTE = 60_000;

export function scene(mock: Mock) {
  const ada = mock.user('ada', 'Ada Lovelace', 'password');
  const boris = mock.user('boris', 'Boris Achmatow');
  const mira = mock.user('mira', 'Mira Okonkwo');
  const sara = mock.user('sara', 'שרה כהן');
  const maria = mock.user('mariya', 'Мария Петрова');
  const ken = mock.user('ken', '田中 健');
  const now = Date.now();
  const at = (minutes: number): number => now - minutes * MINUTE;

  const festival = mock.thread('Harvest festival', [ada, boris, mira, maria]);
  mock.say(festival, mira, 'The square is ours from Friday noon. The city answered faster than I dared to hope.', at(1_560));
  mock.say(festival, mira, 'They only ask that the fountain stays free.', at(1_559));
  const plan = mock.say(festival, boris, 'Then the long tables go along the north side, as two years ago?', at(1_551));
  mock.append(festival, ada.id, 'chat.message-reacted.v1', { message_id: plan.id, reaction: '👍', removed: false }, at(1_549));
  mock.append(festival, mira.id, 'chat.message-reacted.v1', { message_id: plan.id, reaction: '👍', removed: false }, at(1_548));
  mock.append(festival, maria.id, 'chat.message-reacted.v1', { message_id: plan.id, reaction: '🎉', removed: false }, at(1_547));
  mock.say(festival, ada, 'Yes. North side, and the band under the arcade in case it rains.', at(1_545), { reply_to: plan.id });
  const edited = mock.say(festival, ada, 'I count 140 chairs.', at(1_544));
  mock.append(
    festival,
    ada.id,
    'chat.message-edited.v1',
    { message_id: edited.id, text: 'I count 164 chairs, if the school lends us theirs again.' },
    at(1_540),
  );
  mock.say(festival, maria, 'Школа согласна! Стулья привезём в четверг вечером.', at(62));
  mock.say(festival, boris, '🎉🎉', at(60));
  const gone = mock.say(festival, boris, 'oops', at(59));
  mock.append(festival, boris.id, 'chat.message-deleted.v1', { message_id: gone.id }, at(58));
  mock.say(
    festival,
    mira,
    'Menu draft, please shout if something is missing:\n\n– lentil soup, bread\n– stuffed peppers (with and without meat)\n– plum cake, so much plum cake',
    at(24),
  );
  const map = mock.say(
    festival,
    mira,
    'The map is here: https://example.org/festival/2025/square-with-a-very-long-address-that-wraps-on-a-phone?layer=tables',
    at(23),
  );
  mock.append(festival, ada.id, 'chat.message-reacted.v1', { message_id: map.id, reaction: '❤️', removed: false }, at(22));
  mock.say(festival, boris, 'Plum cake approved by a majority of one.', at(4));

  const songs = mock.thread('שירים לחג', [sara, ada]);
  mock.say(songs, sara, 'מה דעתך לפתוח עם השיר הישן?', at(180));
  mock.say(songs, ada, 'אני אוהבת את הרעיון 🎶', at(178));
  mock.say(songs, sara, 'אז מתחילים ב־19:00, ואחר כך ריקודים', at(31));
  const tea = mock.thread('お茶の時間', [ken, ada]);
  mock.say(tea, ken, '明日は三時でいいですか？', at(300));
  const release = mock.thread('Release 1.0: what is left', [ada, boris, mira]);
  mock.say(release, ada, 'Nothing but the notes.', at(4_300));
  const long = mock.thread('Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch and the longest title that anybody ever gave to a thread', [boris, ada]);
  mock.say(long, boris, `Donaudampfschifffahrts${'elektrizitäten'.repeat(9)}`, at(2_900));
  const archive = mock.thread('A thousand small things', [mira, ada]);
  for (let n = 1; n <= 300; n++) mock.say(archive, n % 3 ? mira : ada, `Thing number ${n}`, at(9_000 - n));
  const quiet = mock.thread('Quiet corner', [ada]);
  for (const thread of [tea, long, release, archive, quiet]) thread.read.set(ada.id, thread.number);
  festival.read.set(ada.id, festival.number - 1);
  return { ada, boris, mira, sara, maria, ken, festival, songs, archive, quiet, tea, long };
}
