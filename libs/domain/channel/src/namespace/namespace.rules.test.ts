import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DefaultNamespace, durationMs, hasHistory, NamespaceList } from './namespace.rules.ts';
import { parseSource } from './source.ts';

const problems = (source: string): string[] => {
  const parsed = parseSource(source, NamespaceList);
  return 'problems' in parsed ? parsed.problems.map(({ message }) => message) : [];
};

test('a namespace without a word about rights opens nothing without a token', () =>
  expect(parseSource('[{"name":"news"}]', NamespaceList)).toEqual({
    data: [
      {
        name: 'news',
        history_size: 0,
        history_ttl: 0,
        force_recovery: false,
        presence: false,
        join_leave: false,
        force_push_join_leave: false,
        subscribe: 'token',
        publish: 'token',
        read_history: 'token',
        read_presence: 'token',
      },
    ],
  }));

test.each([
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['300s', 300_000],
  ['0s', 0],
  ['24h', 86_400_000],
  ['', undefined],
  ['10', undefined],
  ['1m1h', undefined],
  ['-5s', undefined],
  ['10 m', undefined],
])('the duration %j is %s ms', (text, ms) => expect(durationMs(text)).toBe(ms));

test('a ttl is seconds or a duration', () => {
  const ttl = (history_ttl: unknown) => DefaultNamespace.parse({ history_size: 10, history_ttl }).history_ttl;
  expect(ttl(60)).toBe(60_000);
  expect(ttl('10m')).toBe(600_000);
});

test('history needs a size and a ttl', () => {
  expect(hasHistory(DefaultNamespace.parse({ history_size: 10, history_ttl: '1m' }))).toBe(true);
  expect(hasHistory(DefaultNamespace.parse({}))).toBe(false);
});

test('every problem is named at once, with the entry it is in', () =>
  expect(
    problems(
      JSON.stringify([
        { name: 'a' },
        { name: 'thread' },
        { name: 'news', history_ttl: 'soon', history_size: -1, subscribe: 'everybody', color: 'red' },
        { name: 'feed', history_size: 10, force_recovery: true, force_push_join_leave: true },
        { name: 'feed' },
        { presence: 1 },
        { name: 'self', subscribe: 'subscribers' },
      ]),
    ),
  ).toEqual([
    '[0] "a" name: must be 2 to 64 characters of a-z A-Z 0-9 _ . -',
    '[1] "thread" name: thread and user are channels of the platform itself',
    '[2] "news" history_size: Too small: expected number to be >=0',
    '[2] "news" history_ttl: must be whole seconds, or a duration such as "10m", "1h30m", "300s"',
    '[2] "news" subscribe: Invalid option: expected one of "anyone"|"signed_in"|"members"|"token"|"server"',
    '[2] "news": Unrecognized key: "color"',
    '[3] "feed": history_size needs a history_ttl: give both for history, or neither',
    '[3] "feed": force_recovery needs history_size and history_ttl',
    '[3] "feed": force_push_join_leave needs join_leave',
    '[5] name: Invalid input: expected string, received undefined',
    '[5] presence: Invalid input: expected boolean, received number',
    '[6] "self" subscribe: Invalid option: expected one of "anyone"|"signed_in"|"members"|"token"|"server"',
  ]));

test('a name is there once', () => expect(problems('[{"name":"feed"},{"name":"feed"}]')).toEqual(['[1] "feed" name: "feed" is there twice']));

test('what is no JSON, or a file that is not there, is said', () => {
  expect(problems('[{')[0]).toMatch(/^the text is not valid JSON: /);
  expect(problems('@/nowhere/namespaces.json')[0]).toMatch(/^the file \/nowhere\/namespaces\.json cannot be read: /);
  expect(problems('{}')).toEqual(['Invalid input: expected array, received object']);
});

test('the example of the manual is valid', () => {
  const manual = readFileSync(new URL('../../../../../docs/channels.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n([^]*?)```/.exec(manual) ?? [];
  expect(problems(example)).toEqual([]);
  expect(example).toContain('"news"');
});
