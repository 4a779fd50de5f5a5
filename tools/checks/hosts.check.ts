import type { Check, Finding } from './check.ts';

// Written so that this file does not match itself.
const REGISTRY = new RegExp(['\\b(registry|npm|npmjs)', '[a-z0-9-]*\\.[a-z0-9.-]*\\b(org|com|dev|io|net|internal|local)\\b'].join(''), 'i');
const TEXT = /\.(ts|tsx|mjs|js|json|md|ya?ml|sh|html|css|toml)$|(^|\/)(\.npmrc|Dockerfile|run)$/;

const BECAUSE = 'where packages come from is the setting of each machine’s npm: no file names a registry host, because that would bind everybody to it';

export const hostsCheck: Check = {
  name: 'hosts',
  run: (repository) => ({ findings: repository.files.filter((path) => TEXT.test(path)).flatMap((path) => hostsIn(path, repository.text(path))) }),
};

const hostsIn = (path: string, text: string): Finding[] =>
  text.split('\n').flatMap((line, index) => {
    const host = REGISTRY.exec(line)?.[0];
    return host ? [{ where: `${path}:${index + 1}`, what: `names the host ${host}`, because: BECAUSE }] : [];
  });
