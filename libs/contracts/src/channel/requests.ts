/** Questions to the owner of application channels and inboxes. */
import { z } from 'zod';
import { ChannelName } from '../channels.ts';
import { AuthorizeQueries, AuthorizeQuery, type Grant, type GrantOutcomes } from '../grants.ts';
import { request } from '../message.ts';

export const AuthorizeChannel = request<Grant>()('channel.authorize-channel.v1', AuthorizeQuery);
export const AuthorizeChannels = request<GrantOutcomes>()('channel.authorize-channels.v1', AuthorizeQueries);
/** Makes the channel's row and epoch on its first permitted subscribe; answers where its log stands. */
export const OpenChannel = request<{ epoch: string; seq: number }>()('channel.open-channel.v1', z.strictObject({ channel: ChannelName }));
