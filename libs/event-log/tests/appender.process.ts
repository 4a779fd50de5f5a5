/** A process of its own that appends: `node appender.process.ts <url> <channel> <actor> <count>`. Runs on the built packages. */
import { EventLog } from '@veche/event-log';
import { openDatabase } from '@veche/platform-postgres';
import type { LockedChannel } from '@veche/event-log';

const [url = '', name = '', actor = '', count = '0'] = process.argv.slice(2);
const { database, close } = await openDatabase({ PG_URL: url });
const log = new EventLog(database);

for (let i = 0; i < Number(count); i++) {
  await database.transaction(async (tx) => {
    const [channel] = await tx.query<LockedChannel>({
      text: 'SELECT slot, id::text AS id, name, epoch, last_seq FROM channel WHERE name = $1',
      values: [name],
    });
    await log.append(tx, [
      { channel: channel as LockedChannel, kind: 'chat.message-sent.v1', command: 'chat.send-message', actor, command_id: `${i}`, data: '{}', meta: null },
    ]);
  });
}
await close();
