/** Who talks where and says what: decided by the options alone, before anything is written. */
import { threadChannel } from '@veche/contracts';
import type { Scale } from './arguments.ts';
import { Chance, uuidOf, Zipf } from './random.ts';
import { type Language, languageOf, nameIn, reactionOf, textIn } from './texts.ts';

export interface Person {
  readonly id: string;
  readonly login: string;
  readonly name: string;
}

/** What follows a message; each makes exactly one event, so that a whole thread is known by its length. */
export type FollowUp =
  | { readonly does: 'react'; readonly user: string; readonly reaction: string }
  | { readonly does: 'edit'; readonly user: string; readonly text: string }
  | { readonly does: 'delete'; readonly user: string };

export interface PlannedMessage {
  readonly user: string;
  readonly text: string;
  /** Place in the thread of the message that this one replies to. */
  readonly reply_to: number | undefined;
  readonly attachments: readonly Record<string, string | number>[] | undefined;
  readonly follow: readonly FollowUp[];
}

export interface PlannedThread {
  readonly channel: string;
  readonly title: string;
  readonly owner: string;
  readonly members: readonly string[];
  readonly messages: number;
}

const MOST_MEMBERS = 500;

export class Plan {
  readonly scale: Scale;
  readonly #shares: readonly number[];
  readonly #activity: Zipf;

  constructor(scale: Scale) {
    this.scale = scale;
    this.#shares = scale.threads > 0 ? new Zipf(scale.threads, 1).shares(scale.messages) : [];
    this.#activity = new Zipf(scale.users, 0.8);
  }

  person(place: number): Person {
    const chance = this.#chance('person', place);
    return { id: this.#userId(place), login: `${this.scale.seed}${place + 1}`, name: nameIn(languageOf(chance), chance) };
  }

  thread(place: number): PlannedThread {
    const chance = this.#chance('thread', place);
    const language = languageOf(chance);
    const [owner = '', ...members] = this.#membersOf(chance);
    return {
      channel: threadChannel(uuidOf(this.#key('thread', place))),
      title: chance.of(language.titles),
      owner,
      members,
      messages: this.#shares[place] ?? 0,
    };
  }

  /** The messages of a thread, in order; made one at a time, because the largest thread has a tenth of all. */
  *messages(place: number, { owner, members, messages }: PlannedThread): Generator<PlannedMessage> {
    const language = languageOf(this.#chance('thread', place));
    const people = [owner, ...members];
    const talkative = new Zipf(people.length, 1);
    for (let number = 0; number < messages; number++) yield this.#message(this.#chance(`message ${place}`, number), number, language, people, talkative);
  }

  #message(chance: Chance, number: number, language: Language, people: readonly string[], talkative: Zipf): PlannedMessage {
    const someone = (): string => people[talkative.draw(chance)] ?? '';
    const user = someone();
    return {
      user,
      text: textIn(language, chance),
      reply_to: number > 0 && chance.happens(0.08) ? Math.max(0, number - 1 - chance.below(10)) : undefined,
      attachments: chance.happens(0.02)
        ? [{ url: `https://files.example/${chance.below(100_000)}`, name: `photo-${chance.below(1000)}.jpg`, size: 10_000 + chance.below(1_000_000) }]
        : undefined,
      follow: followUps(chance, user, language, someone),
    };
  }

  /** Few large threads, many small ones; the same people are in many of them. */
  #membersOf(chance: Chance): string[] {
    const size = Math.min(MOST_MEMBERS, this.scale.users, Math.floor(2 / (1 - chance.next()) ** (1 / 1.2)));
    const places = new Set<number>();
    for (let tries = 0; places.size < size && tries < size * 20; tries++) places.add(this.#activity.draw(chance));
    return [...places].map((place) => this.#userId(place));
  }

  #userId(place: number): string {
    return uuidOf(this.#key('user', place));
  }

  #key(what: string, place: number): string {
    return `${this.scale.seed} ${what} ${place}`;
  }

  #chance(what: string, place: number): Chance {
    return new Chance(this.#key(what, place));
  }
}

function followUps(chance: Chance, author: string, language: Language, someone: () => string): FollowUp[] {
  if (chance.happens(0.01)) return [{ does: 'delete', user: author }];
  if (chance.happens(0.03)) return [{ does: 'edit', user: author, text: `${textIn(language, chance)} ✏️` }];
  if (!chance.happens(0.07)) return [];
  const reactions = Array.from({ length: 1 + chance.below(3) }, () => ({ does: 'react' as const, user: someone(), reaction: reactionOf(chance) }));
  return [...new Map(reactions.map((reaction) => [`${reaction.user} ${reaction.reaction}`, reaction])).values()];
}

/** Events in the log of a thread once it is whole. */
export function eventsOf(plan: Plan, place: number, thread: PlannedThread): number {
  let events = 1;
  for (const { follow } of plan.messages(place, thread)) events += 1 + follow.length;
  return events;
}
