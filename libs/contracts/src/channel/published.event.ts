import { z } from 'zod';
import { event } from '../message.ts';

/** Any JSON: what a client or a backend published to a channel with history. */
export const Published = event('channel.published.v1', z.json());
