import { Login } from '@veche/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loginOf } from './login.rules.ts';

test.each([
  ['Ada Lovelace', 'ada.lovelace'],
  ['  José  ', 'jose'],
  ['Мария Петрова', 'mariya.petrova'],
  ['Щукин', 'shchukin'],
  ['ada@example.org', 'ada@example.org'],
  ['x', 'x'],
  ['', ''],
])('%s signs in as %s', (name, login) => expect(loginOf(name)).toBe(login));

test('names in other scripts get a login of their own', () => {
  expect(loginOf('明日香')).toMatch(/^guest-[a-z0-9]+$/);
  expect(loginOf('明日香')).not.toBe(loginOf('שרה'));
});

test('whatever is typed, the login is one that the server takes and is the same each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const login = loginOf(name);
      expect(login).toBe(loginOf(name));
      if (name.trim()) expect(Login.safeParse(login).success).toBe(true);
    }),
  );
});
