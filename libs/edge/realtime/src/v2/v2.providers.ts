import type { Provider } from '@nestjs/common';
import { type CommandRunner, V2_COMMANDS } from './command-runner.ts';
import { ConnectCommand } from './connect.command.ts';
import { HistoryCommand } from './history.command.ts';
import { PresenceCommand, PresenceStatsCommand } from './presence.command.ts';
import { PublishCommand } from './publish.command.ts';
import { RefreshCommand } from './refresh.command.ts';
import { RpcCommand } from './rpc.command.ts';
import { PingCommand, SendCommand } from './simple.commands.ts';
import { SubRefreshCommand } from './sub-refresh.command.ts';
import { SubscribeCommand } from './subscribe.command.ts';
import { UnsubscribeCommand } from './unsubscribe.command.ts';
import { V2Language } from './v2-language.ts';

const runners = [
  SubscribeCommand,
  UnsubscribeCommand,
  PublishCommand,
  PresenceCommand,
  PresenceStatsCommand,
  HistoryCommand,
  RpcCommand,
  RefreshCommand,
  SubRefreshCommand,
  SendCommand,
  PingCommand,
];

/** The language and its commands, one class each. */
export const v2Providers: Provider[] = [
  ...runners,
  { provide: V2_COMMANDS, inject: runners, useFactory: (...all: CommandRunner[]) => all },
  ConnectCommand,
  V2Language,
];
