import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigModule, sectionsOf } from './config.module.ts';
import { ConfigError } from './problems.ts';
import { section, setting } from './setting.ts';

const sample = section('sample', { SAMPLE_SIZE: setting(z.coerce.number().int().default(10), 'Size.') });

function rootWith(env: Record<string, string>): new () => object {
  class Root {}
  Module({ imports: [ConfigModule.forRoot([sample], env)] })(Root);
  return Root;
}

it('gives a section its values under its token, to any module', async () => {
  const app = await NestFactory.createApplicationContext(rootWith({ SAMPLE_SIZE: '7' }), { logger: false, abortOnError: false });
  expect(app.get(sample.token)).toEqual({ SAMPLE_SIZE: 7 });
  await app.close();
});

it('fails the creation of the application, not the import of its root module', async () => {
  const root = rootWith({ SAMPLE_SIZE: 'seven' });
  expect(sectionsOf(root)).toEqual([sample]);
  await expect(NestFactory.createApplicationContext(root, { logger: false, abortOnError: false })).rejects.toBeInstanceOf(ConfigError);
});
