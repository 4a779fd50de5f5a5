import { VERBS } from './verbs.ts';

const [verb = 'schema', ...words] = process.argv.slice(2);
try {
  const run = VERBS[verb];
  if (!run) throw new Error(`there is no verb ${verb}, only ${Object.keys(VERBS).join(', ')}; without one it is schema`);
  console.log(await run(words));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
