import { type Section, section, setting } from '@veche/platform-config';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { definitionsFor, settingsDefinition } from './definitions.ts';
import type { Schema } from './schema.ts';

const sections: readonly Section[] = [
  section('sample', {
    SAMPLE_SIZE: setting(z.coerce.number().int().min(1).default(10), 'How big.'),
    SAMPLE_KEY: setting(z.string().default('shh'), 'Key.', { secret: true }),
  }) as unknown as Section,
];
const settings = settingsDefinition(sections);
const refers = (name: string): Schema => ({ type: 'object', properties: { a: { $ref: `#/$defs/${name}` } } });

test('settings are those of the product but its secrets, and no others', () => {
  expect(settings).toMatchObject({
    additionalProperties: false,
    properties: { SAMPLE_SIZE: { type: ['string', 'number', 'boolean'], description: 'How big. Allowed: a whole number from 1.' } },
  });
  expect(Object.keys(settings.properties ?? {})).toEqual(['SAMPLE_SIZE']);
});

test('settings come along when a definition refers to them', () => {
  const used = definitionsFor(refers('service'), { service: refers('settings') }, settings);
  expect(Object.keys(used)).toEqual(['service', 'settings']);
  expect(used['service']).toMatchObject({ additionalProperties: false });
  expect(definitionsFor({ type: 'object' }, {}, settings)).toEqual({});
});

test.each([
  [refers('gone'), {}, /no definition #\/\$defs\/gone/],
  [{ type: 'object' }, { idle: { type: 'string' } }, /nothing refers to "idle"/],
  [refers('settings'), { settings: {} }, /is written by npm run generate/],
  [refers('a'), { a: { type: 'object', properties: { b: { type: 'string' } } } }, /\$defs\.a\.b has no description/],
] as const)('%j with %j is refused', (root, own, sentence) => {
  expect(() => definitionsFor(root as Schema, own as Record<string, Schema>, settings)).toThrow(sentence);
});
