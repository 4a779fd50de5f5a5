/**
 * Preloaded into processes under test (`node --import`): puts one planted bug into the built code as it is loaded, so that
 * fault runs can show that they find it. The product itself has no switch for it.
 */
import { registerHooks } from 'node:module';
import { PLANTED_BUGS, type PlantedBug } from './bugs.ts';

const name = process.env['PLANTED_BUG'] ?? '';
const bug = PLANTED_BUGS[name];
if (!bug) throw new Error(`PLANTED_BUG=${name} is not known; there are: ${Object.keys(PLANTED_BUGS).join(', ')}`);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(bug.file)) return loaded;
    return { ...loaded, source: plant(String(loaded.source), bug) };
  },
});

/** @throws Error when the code has changed and the bug has to be planted anew: one that is not there would be called "not found" for ever */
function plant(source: string, { file, right, wrong }: PlantedBug): string {
  if (source.split(right).length !== 2) throw new Error(`${file} does not have exactly one ${JSON.stringify(right)}: plant ${name} anew`);
  return source.replace(right, () => wrong);
}
