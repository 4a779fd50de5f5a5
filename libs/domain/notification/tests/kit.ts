/** The service taken apart: followed by hand, with parts that fail when they are told to. */
import type { CommandBus, RequestBus } from '@veche/platform-messaging';
import { COMMAND_BUS, messagingConfig, REQUEST_BUS, WORK_BUS, type WorkBus } from '@veche/platform-messaging';
import type { Database, Transaction } from '@veche/platform-postgres';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { Absences } from '../src/absence/absences.ts';
import { Dispatcher } from '../src/dispatch/dispatcher.ts';
import { Hints } from '../src/following/hints.ts';
import { Round } from '../src/following/round.ts';
import { Sweep } from '../src/following/sweep.ts';
import { type NotificationConfig, notificationConfig } from '../src/notification.config.ts';
import { NotificationTelemetry } from '../src/notification.telemetry.ts';
import { Names } from '../src/planning/names.ts';
import type { House } from './house.ts';

export class Killed extends Error {}

/** Counts every step that waits for something outside; the chosen one never comes back. */
export class Failpoint {
  passed = 0;
  private readonly at: number;

  constructor(at = Number.POSITIVE_INFINITY) {
    this.at = at;
  }

  /** As a process that is killed in front of the step, or between its effect and its answer. */
  async step<T>(act: () => Promise<T>): Promise<T> {
    this.pass();
    const result = await act();
    this.pass();
    return result;
  }

  private pass(): void {
    // Dead is dead: nothing of the process does anything behind the point.
    if (++this.passed >= this.at) throw new Killed();
  }
}

export interface Kit {
  /** Follows all logs to their ends, looks for absences and sends what is due. */
  run(): Promise<void>;
  readonly hints: Hints;
  readonly round: Round;
  readonly sweep: Sweep;
}

export function kit(house: House, failpoint = new Failpoint()): Kit {
  const config = house.get<NotificationConfig>(notificationConfig.token);
  const telemetry = new NotificationTelemetry(Logger.silent(), new Metrics());
  const database = faulty(house.database, failpoint);
  const commands: CommandBus = { send: (command) => failpoint.step(() => house.get<CommandBus>(COMMAND_BUS).send(command)) };
  const requests: RequestBus = { ask: (...question) => failpoint.step(() => house.get<RequestBus>(REQUEST_BUS).ask(...question)) };
  const work = house.get<WorkBus>(WORK_BUS);
  const dispatcher = new Dispatcher(database, commands, work, house.get(messagingConfig.token), telemetry);
  const hints = new Hints();
  const round = new Round(house.log, new Names(requests), database, dispatcher, config, telemetry);
  const sweep = new Sweep(house.log, database, hints, config, telemetry);
  const absences = new Absences(database, dispatcher, config);
  const run = async (): Promise<void> => {
    await sweep.pass();
    while (hints.size > 0) hints.heads(await round.run(hints.take(64)));
    // The first message, then the last one.
    await absences.check();
    await absences.check();
    await dispatcher.recover();
  };
  return { run, hints, round, sweep };
}

function faulty(database: Database, failpoint: Failpoint): Database {
  const around = (tx: Transaction): Transaction => ({ isTransaction: true, query: (statement) => failpoint.step(() => tx.query(statement)) });
  const parts: Partial<Database> = {
    query: (statement) => failpoint.step(() => database.query(statement)),
    transaction: (fn, options) => failpoint.step(() => database.transaction((tx) => fn(around(tx)), options)),
  };
  return Object.assign(Object.create(database) as Database, parts);
}
