import { expect, it } from 'vitest';
import { z } from 'zod';
import { describeSettings } from './describe.ts';
import { flag, integers } from './schemas.ts';
import { section, setting } from './setting.ts';

it('describes every setting from the line that declares it', () => {
  const sample = section('sample', {
    SAMPLE_SIZE_BYTES: setting(z.coerce.number().int().min(1).default(10), 'How big, in bytes.'),
    SAMPLE_ON: setting(flag(false), 'Whether.'),
    SAMPLE_PAUSES_MS: setting(integers([1, 2]), 'Pauses.'),
    SAMPLE_KEY: setting(z.string().default('shh'), 'Key.', { secret: true }),
    SAMPLE_PAIRS: setting(
      z
        .string()
        .transform(() => ({}))
        .default({ a: 'b' })
        .meta({ allowed: 'pairs' }),
      'Pairs.',
    ),
    SAMPLE_NO_PAIRS: setting(
      z
        .string()
        .transform(() => ({}))
        .default({})
        .meta({ allowed: 'pairs' }),
      'Pairs.',
    ),
    SAMPLE_URL: setting(z.url(), 'Where.'),
  });
  const rows = describeSettings([sample]);
  expect(rows.map(({ name, default: initially, required, allowed }) => [name, initially, required, allowed])).toEqual([
    ['SAMPLE_SIZE_BYTES', '10', false, 'a whole number from 1'],
    ['SAMPLE_ON', 'false', false, 'true | false'],
    ['SAMPLE_PAUSES_MS', '1,2', false, 'whole numbers from 0, separated by commas'],
    ['SAMPLE_KEY', undefined, false, 'text'],
    ['SAMPLE_PAIRS', 'a=b', false, 'pairs'],
    ['SAMPLE_NO_PAIRS', undefined, false, 'pairs'],
    ['SAMPLE_URL', undefined, true, 'a URL'],
  ]);
  expect(rows[0]).toMatchObject({ section: 'sample', description: 'How big, in bytes.', secret: false });
});
