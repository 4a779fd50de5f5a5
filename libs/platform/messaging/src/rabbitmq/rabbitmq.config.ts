import { type ConfigOf, list, section, setting } from '@veche/platform-config';
import { z } from 'zod';

const isBroker = (url: string): boolean => /^amqps?:\/\//.test(url) && URL.canParse(url);

export const rabbitmqConfig = section('rabbitmq', {
  RABBITMQ_URL: setting(
    list(['amqp://127.0.0.1:5672'])
      .refine((urls) => urls.length > 0 && urls.every(isBroker), 'each must begin with amqp:// or amqps://')
      .meta({ allowed: 'amqp://[user:password@]host[:port][/vhost] or amqps:// with TLS, several separated by commas' }),
    'Nodes of the RabbitMQ cluster that carries commands, events, requests and work; each attempt to connect tries another. Equal in every process.',
    { secret: true },
  ),
  RABBITMQ_PREFIX: setting(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/)
      .default('veche'),
    'First part of the name of every exchange and queue: installations that share one vhost differ here. Equal in every process.',
  ),
});
export type RabbitMqConfig = ConfigOf<typeof rabbitmqConfig>;
