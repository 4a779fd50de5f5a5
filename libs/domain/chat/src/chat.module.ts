import { Module } from '@nestjs/common';
import { Activity } from './activity/activity.ts';
import { ChatTelemetry } from './chat.telemetry.ts';
import { DeleteMessageHandler } from './message/delete-message.handler.ts';
import { EditMessageHandler } from './message/edit-message.handler.ts';
import { GetMessageHandler } from './message/get-message.handler.ts';
import { ListMessagesHandler } from './message/list-messages.handler.ts';
import { ReactHandler } from './message/react.handler.ts';
import { SendMessageHandler } from './message/send-message.handler.ts';
import { MarkReadHandler } from './reading/mark-read.handler.ts';
import { AddMemberHandler } from './thread/add-member.handler.ts';
import { AuthorizeThreadHandler } from './thread/authorize-thread.handler.ts';
import { CreateThreadHandler } from './thread/create-thread.handler.ts';
import { GetThreadHandler } from './thread/get-thread.handler.ts';
import { ListMembersHandler } from './thread/list-members.handler.ts';
import { ListThreadsHandler } from './thread/list-threads.handler.ts';
import { RemoveMemberHandler } from './thread/remove-member.handler.ts';
import { RenameThreadHandler } from './thread/rename-thread.handler.ts';
import { SetRoleHandler } from './thread/set-role.handler.ts';

const COMMANDS = [
  CreateThreadHandler,
  RenameThreadHandler,
  AddMemberHandler,
  SetRoleHandler,
  RemoveMemberHandler,
  SendMessageHandler,
  EditMessageHandler,
  DeleteMessageHandler,
  ReactHandler,
  MarkReadHandler,
];

const REQUESTS = [AuthorizeThreadHandler, ListThreadsHandler, GetThreadHandler, ListMembersHandler, ListMessagesHandler, GetMessageHandler];

/** The owner of threads. Needs the event log, Postgres, messaging, telemetry and the section `chat` of the configuration. */
@Module({ providers: [ChatTelemetry, Activity, ...COMMANDS, ...REQUESTS] })
export class ChatModule {}
