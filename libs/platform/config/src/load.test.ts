import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig, valuesOf } from './load.ts';
import { ConfigError } from './problems.ts';
import { flag, integers, list } from './schemas.ts';
import { section, setting } from './setting.ts';

const doors = section(
  'doors',
  {
    DOOR_PORT: setting(z.coerce.number().int().min(1).max(65_535).default(8000), 'Port of all doors.'),
    DOOR_OPEN: setting(flag(true), 'Whether anybody may come in.'),
    DOOR_NAMES: setting(list(), 'Names.'),
    DOOR_DELAYS_MS: setting(integers([1000, 5000]), 'Pauses.'),
    DOOR_MODE: setting(z.enum(['wide', 'narrow']).default('wide'), 'Mode.'),
  },
  (values) => (values.DOOR_MODE === 'narrow' && values.DOOR_PORT === 1 ? ['DOOR_MODE=narrow cannot have DOOR_PORT=1; choose another port'] : []),
);
const vault = section('vault', { VAULT_URL: setting(z.url(), 'Where.'), VAULT_KEY: setting(z.string().min(8), 'Key.', { secret: true }) });

const problemsOf = (sections: Parameters<typeof loadConfig>[0], env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(sections, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('loadConfig', () => {
  it('gives defaults for absent and for empty variables', () => {
    const values = valuesOf(loadConfig([doors], { DOOR_PORT: '', DOOR_OPEN: '' }), doors);
    expect(values).toEqual({ DOOR_PORT: 8000, DOOR_OPEN: true, DOOR_NAMES: [], DOOR_DELAYS_MS: [1000, 5000], DOOR_MODE: 'wide' });
  });

  it('tells a combination across sections together with everything else', () => {
    const guarded = section('guard', { GUARD: setting(z.string().default('yes'), 'Guard.') }, undefined, ({ GUARD }, { DOOR_PORT }) =>
      GUARD === 'yes' && DOOR_PORT === 9 ? ['GUARD cannot be yes with DOOR_PORT=9'] : [],
    );
    expect(problemsOf([guarded, doors, vault], { DOOR_PORT: '9', VAULT_URL: 'http://x', VAULT_KEY: 'short' })).toEqual([
      expect.stringContaining('VAULT_KEY'),
      'GUARD cannot be yes with DOOR_PORT=9',
    ]);
    expect(problemsOf([guarded], {})).toEqual([]);
  });

  it('reads an alias while the variable itself is absent, and its own name first', () => {
    const pool = section('pool', { PG_SIZE: setting(z.coerce.number().int().default(10), 'Size.', { aliases: ['DB_SIZE'] }) });
    expect(valuesOf(loadConfig([pool], { DB_SIZE: '5' }), pool)).toEqual({ PG_SIZE: 5 });
    expect(valuesOf(loadConfig([pool], { DB_SIZE: '5', PG_SIZE: '7' }), pool)).toEqual({ PG_SIZE: 7 });
    // The prefix of an alias is not ours: a container may carry other variables with it.
    expect(problemsOf([pool], { DB_HOST: 'elsewhere' })).toEqual([]);
    expect(problemsOf([pool], { DB_SIZE: 'x' })[0]).toMatch(/^PG_SIZE is "x"/);
  });

  it('turns text into numbers, flags and lists', () => {
    const values = valuesOf(loadConfig([doors], { DOOR_PORT: '9', DOOR_OPEN: 'false', DOOR_NAMES: 'a, b,,c', DOOR_DELAYS_MS: '1,2 ,3' }), doors);
    expect(values).toMatchObject({ DOOR_PORT: 9, DOOR_OPEN: false, DOOR_NAMES: ['a', 'b', 'c'], DOOR_DELAYS_MS: [1, 2, 3] });
  });

  it('freezes what it gives', () => {
    const values = valuesOf(loadConfig([doors], {}), doors) as { DOOR_PORT: number };
    expect(() => (values.DOOR_PORT = 1)).toThrow(TypeError);
  });

  it('names every problem at once: the variable, what was given, what is allowed', () => {
    const problems = problemsOf([doors, vault], { DOOR_PORT: '70000', DOOR_MODE: 'wobbly', DOOR_DELAYS_MS: '1,x' });
    expect(problems).toHaveLength(5);
    expect(problems[0]).toContain('DOOR_PORT is "70000"');
    expect(problems[0]).toContain('allowed: a whole number from 1 to 65535');
    expect(problems[1]).toContain('DOOR_DELAYS_MS is "1,x"');
    expect(problems[2]).toContain('allowed: wide | narrow');
    expect(problems[3]).toBe('VAULT_URL is required (allowed: a URL)');
    expect(problems[4]).toContain('VAULT_KEY is required');
  });

  it('never prints a secret', () => {
    const problems = problemsOf([vault], { VAULT_URL: 'http://vault', VAULT_KEY: 'hunter2' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('VAULT_KEY');
    expect(problems[0]).not.toContain('hunter2');
  });

  it('refuses a variable with one of our prefixes that no setting reads, and suggests the nearest', () => {
    expect(problemsOf([doors], { DOOR_PROT: '1', HOME: '/root', PATH: '/bin' })).toEqual(['DOOR_PROT is not a setting; did you mean DOOR_PORT?']);
    expect(problemsOf([doors], { DOOR_SOMETHING_ELSE_ENTIRELY: '1' })).toEqual(['DOOR_SOMETHING_ELSE_ENTIRELY is not a setting; remove it']);
  });

  it('under a prefix that services divide among themselves, only what looks misspelt is refused', () => {
    const tokens = section('tokens', { AUTH_LEEWAY_S: setting(z.string().default(''), 'Leeway.') });
    expect(problemsOf([tokens], { AUTH_REGISTRATION: 'false' })).toEqual([]);
    expect(problemsOf([tokens], { AUTH_LEWAY_S: '1' })).toEqual(['AUTH_LEWAY_S is not a setting; did you mean AUTH_LEEWAY_S?']);
  });

  it('lets pass what Kubernetes injects for services whose names look like ours', () => {
    const links = { DOOR_SERVICE_HOST: '10.0.0.1', DOOR_SERVICE_PORT_HTTP: '80', DOOR_PORT_80_TCP_ADDR: '10.0.0.1', DOOR_EXTRA: 'tcp://10.0.0.1:80' };
    expect(problemsOf([doors], links)).toEqual([]);
  });

  it('reports combinations that cannot work, once the single values are right', () => {
    expect(problemsOf([doors], { DOOR_MODE: 'narrow', DOOR_PORT: '1' })).toEqual(['DOOR_MODE=narrow cannot have DOOR_PORT=1; choose another port']);
  });
});
