import { type ConfigOf, section, setting } from '@veche/platform-config';
import { z } from 'zod';
import { DefaultNamespace, NamespaceList } from './namespace/namespace.rules.ts';
import { parseSource } from './namespace/source.ts';

/** The value stays the text that was given: what is printed of the configuration is what the operator wrote. */
const document = (schema: z.ZodType, empty: string, allowed: string): z.ZodType<string> =>
  z
    .string()
    .default(empty)
    .superRefine((source, context) => {
      const parsed = parseSource(source, schema);
      if ('problems' in parsed) parsed.problems.forEach(({ message }) => context.addIssue({ code: 'custom', message }));
    })
    .meta({ allowed });

export const channelsConfig = section('channels', {
  CHANNELS_NAMESPACES: setting(
    document(NamespaceList, '[]', 'a JSON array of namespaces, or @ and the path of a file that holds one; docs/channels.md has the fields'),
    'Namespaces of application channels: history, presence and who may do what.',
  ),
  CHANNELS_DEFAULT: setting(
    document(DefaultNamespace, '{}', 'a JSON object with the fields of a namespace but its name, or @ and the path of a file that holds one'),
    'Channels whose name has no colon.',
  ),
});

export type ChannelsConfig = ConfigOf<typeof channelsConfig>;
