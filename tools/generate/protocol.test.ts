import { DISCONNECTS, ERRORS, OPERATIONS } from '@veche/contracts';
import { expect, test } from 'vitest';
import { protocolTables } from './protocol.ts';

test('every error, operation and close code has a row', () => {
  const { errors = '', operations = '', disconnects = '' } = protocolTables();
  for (const name of Object.keys(ERRORS)) expect(errors).toContain(`\`${name}\``);
  for (const name of Object.keys(OPERATIONS)) expect(operations).toContain(`\`${name}\``);
  for (const { code } of Object.values(DISCONNECTS)) expect(disconnects).toContain(`| ${code} |`);
  expect(disconnects).toContain('| 3008 | slow | the client reads too slowly; reconnect and resume | comes back by itself |');
  expect(operations).toContain('`POST /chat/threads/{thread}/messages`');
});
