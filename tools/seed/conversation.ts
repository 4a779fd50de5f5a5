/** Lets one planned thread happen. */
import { CreateThread, DeleteMessage, EditMessage, MarkRead, React, SendMessage, userChannel } from '@veche/contracts';
import type { Owner } from './owner.ts';
import { eventsOf, type FollowUp, type Plan, type PlannedMessage, type PlannedThread } from './plan.ts';
import type { Progress } from './progress.ts';

/** Messages of one thread that are under way at once. */
const WAVE = 100;

interface Sent {
  readonly id: string;
  readonly seq: number;
}

export class Conversation {
  readonly #owner: Owner;
  readonly #plan: Plan;
  readonly #place: number;
  readonly #thread: PlannedThread;
  readonly #progress: Progress;
  readonly #sent: Sent[] = [];

  constructor(owner: Owner, plan: Plan, place: number, progress: Progress) {
    this.#owner = owner;
    this.#plan = plan;
    this.#place = place;
    this.#thread = plan.thread(place);
    this.#progress = progress;
  }

  /** Tells whether anything was missing. */
  async happen(): Promise<boolean> {
    const { channel, messages, title, owner, members } = this.#thread;
    const position = await this.#owner.log.position(channel);
    if (position && position.seq >= eventsOf(this.#plan, this.#place, this.#thread)) {
      this.#progress.add(messages, true);
      return false;
    }
    await this.#owner.done(CreateThread, channel, owner, this.#id('create'), { title, members });
    for (const wave of this.#waves()) await this.#take(wave);
    return true;
  }

  /** The last message is a wave of its own, behind the markers: a thread that has it all is whole. */
  *#waves(): Generator<PlannedMessage[]> {
    let wave: PlannedMessage[] = [];
    let number = 0;
    for (const message of this.#plan.messages(this.#place, this.#thread)) {
      if (wave.length === WAVE || ++number === this.#thread.messages) {
        if (wave.length > 0) yield wave;
        wave = [];
      }
      wave.push(message);
    }
    if (wave.length > 0) yield wave;
  }

  async #take(wave: readonly PlannedMessage[]): Promise<void> {
    const first = this.#sent.length;
    if (first + wave.length === this.#thread.messages) await this.#read();
    this.#sent.push(...(await Promise.all(wave.map((message, i) => this.#send(message, first + i)))));
    await Promise.all(wave.flatMap(({ follow }, i) => follow.map((each, k) => this.#followUp(each, first + i, k))));
    this.#progress.add(wave.length);
  }

  async #send({ user, text, reply_to, attachments }: PlannedMessage, number: number): Promise<Sent> {
    // Replies within the wave that is under way would need an id that is not known yet: they become plain messages.
    const replied = reply_to === undefined ? undefined : this.#sent[reply_to]?.id;
    const data = { text, ...(replied !== undefined && { reply_to: replied }), ...(attachments && { attachments }) };
    const { id, seq } = await this.#owner.done(SendMessage, this.#thread.channel, user, this.#id(`message-${number}`), data);
    return { id: id ?? '', seq };
  }

  async #followUp(each: FollowUp, number: number, place: number): Promise<void> {
    const message_id = this.#sent[number]?.id;
    const say = (contract: Parameters<Owner['done']>[0], data: object): Promise<unknown> =>
      this.#owner.done(contract, this.#thread.channel, each.user, this.#id(`${each.does}-${number}-${place}`), { message_id, ...data });
    if (each.does === 'react') await say(React, { reaction: each.reaction });
    else if (each.does === 'edit') await say(EditMessage, { text: each.text });
    else await say(DeleteMessage, {});
  }

  /** Every third member has read some of it. */
  async #read(): Promise<void> {
    const readers = this.#thread.members.filter((_, place) => place % 3 === 0);
    await Promise.all(
      readers.map((user, place) => {
        const upTo = this.#sent[Math.floor(((place + 1) / (readers.length + 1)) * this.#sent.length)];
        return upTo && this.#owner.done(MarkRead, userChannel(user), user, this.#id('read'), { thread: this.#thread.channel, seq: upTo.seq });
      }),
    );
  }

  #id(what: string): string {
    return `${this.#plan.scale.seed}:${this.#place}:${what}`;
  }
}
