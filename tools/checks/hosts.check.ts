import type { Check, Finding } from './check.ts';

// Written so that this file does not match itself.
const REGISTRY = new RegExp(['\\b(registry|npm|npmjs)', '[a-z0-9-]*\\.[a-z0-9.-]*\\b(org|com|dev|io|net|internal|local)\\b'].join(''), 'i');
const TEXT = /\.(ts|tsx|mjs|js|json|md|ya?ml|sh|html|css|toml)$|(^|\/)(\.npmrc|Dockerfile|run)$/;

/** Packages come from wherever the machine's npm is told; a host in the checkout would bind everybody to it. */
export const hostsCheck: Check = {
  name: 'hosts',
  run: (repository) =>
    repository.files
      .filter((path) => TEXT.test(path))
      .flatMap((path) =>
        repository
          .text(path)
          .split('\n')
          .flatMap((line, index): Finding[] => (REGISTRY.test(line) ? [{ where: `${path}:${index + 1}`, what: `names the host ${REGISTRY.exec(line)?.[0]}`, because: 'where packages come from is the setting of each machine’s npm: no file names a registry host' }] : [])),
      ),
};
