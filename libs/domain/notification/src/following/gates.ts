import { Inject, Injectable } from '@nestjs/common';
import { FollowEvent } from '@veche/contracts';
import { enqueue, type MessagingConfig, messagingConfig, WORK_BUS, type WorkBus } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { delayOf } from '../dispatch/command.rules.ts';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { cursorsOf, moveCursors, shutGate } from './cursor.repository.ts';

/**
 * An ordered reader keeps its order when an event fails: the gate of its log is shut for as long as the pauses of work say, and what is
 * behind waits. After the last attempt the event becomes work, hence in the end a dead letter, and the log goes on behind it.
 */
@Injectable()
export class Gates {
  constructor(
    private readonly database: Database,
    @Inject(WORK_BUS) private readonly work: WorkBus,
    @Inject(messagingConfig.token) private readonly config: Pick<MessagingConfig, 'RPC_RETRY_DELAYS_MS' | 'RPC_MAX_RETRIES'>,
    private readonly telemetry: NotificationTelemetry,
  ) {}

  /** The next event of the log failed once more. */
  async failed(channel: string, error: unknown): Promise<void> {
    const cursor = (await cursorsOf(this.database, [channel])).get(channel);
    const attempt = (cursor?.attempt ?? 0) + 1;
    if (attempt <= this.config.RPC_MAX_RETRIES) {
      this.telemetry.failed('following', error);
      await shutGate(this.database, channel, delayOf(this.config.RPC_RETRY_DELAYS_MS, attempt));
      return;
    }
    const seq = (cursor?.seq ?? 0) + 1;
    this.telemetry.passedOver(channel, seq, error);
    // First the work, then the cursor: killed in between, the event is tried again and is the same unit of work.
    await enqueue(this.work, FollowEvent, `${channel} ${seq}`, { channel, seq });
    await this.database.transaction((tx) => moveCursors(tx, [{ channel, seq }]));
  }
}
