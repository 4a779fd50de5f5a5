import { posix } from 'node:path';
import type { Check, Finding } from './check.ts';
import type { Repository } from './repository.ts';

const LINK = /\]\(([^)\s]+)\)/g;
const ELSEWHERE = /^([a-z]+:|#)/;
const BECAUSE = 'a page that points at what is not there is not true: docs move with the code that they name';

/** Every relative link of every page leads to a file or folder of the repository. */
export const linksCheck: Check = {
  name: 'links',
  run: (repository) => {
    const places = new Set(repository.files.flatMap(withFolders));
    return { findings: repository.files.filter((path) => path.endsWith('.md')).flatMap((path) => brokenIn(path, repository, places)) };
  },
};

const withFolders = (path: string): string[] => path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));

function brokenIn(path: string, repository: Repository, places: ReadonlySet<string>): Finding[] {
  return repository
    .text(path)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(LINK)]
        .map(([, target = '']) => target)
        .filter((target) => !ELSEWHERE.test(target) && !places.has(placeOf(path, target)))
        .map((target) => ({ where: `${path}:${index + 1}`, what: `links to ${target}, which is not there`, because: BECAUSE })),
    );
}

const placeOf = (page: string, target: string): string => posix.normalize(posix.join(posix.dirname(page), target.replace(/[#?].*$/, ''))).replace(/\/$/, '');
