import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { createDatabase } from '../src/index.ts';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

let prepared = 0;
const template = {
  name: 'testing: one table',
  prepare: async (url: string) => {
    prepared++;
    await ask(url, 'CREATE TABLE thing AS SELECT 1 AS n');
  },
};

test('the private server is a Postgres of the shipped major', async () => {
  const [row] = (await ask(inject('pgUrl'), 'SHOW server_version')) as { server_version: string }[];
  expect(row?.server_version).toMatch(/^18\./);
});

test('a template is prepared once and every database is a copy of its own', async () => {
  const [a, b] = await Promise.all([createDatabase(template), createDatabase(template)]);
  await ask(a.url, 'INSERT INTO thing VALUES (2)');
  expect(await ask(a.url, 'SELECT * FROM thing')).toHaveLength(2);
  expect(await ask(b.url, 'SELECT * FROM thing')).toHaveLength(1);
  expect(prepared).toBe(1);
  await Promise.all([a.drop(), b.drop()]);
});

test('a template whose preparation failed is prepared anew', async () => {
  const failing = { name: 'testing: fails once', prepare: async () => Promise.reject(new Error('no')) };
  await expect(createDatabase(failing)).rejects.toThrow('no');
  const made = await createDatabase({ ...template, name: failing.name });
  expect(await ask(made.url, 'SELECT * FROM thing')).toHaveLength(1);
  await made.drop();
});

test('a connection left open makes the drop fail and is named', async () => {
  const database = await createDatabase();
  const client = new Client({ connectionString: database.url, application_name: 'forgotten' });
  client.on('error', () => undefined);
  await client.connect();
  await expect(database.drop()).rejects.toThrow(/1 connections .* left open.*forgotten/);
  await client.end().catch(() => undefined);
});
