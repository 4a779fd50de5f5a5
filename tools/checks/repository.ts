import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSource, type Source } from './source.ts';

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  /** From the root, such as `libs/edge/http`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The files of the checkout, read when asked for and once. */
export class Repository {
  readonly root: string;
  readonly files: readonly string[];
  readonly #texts = new Map<string, string>();
  readonly #sources = new Map<string, Source>();

  /** @param texts of files that are not on the disk, or differ from it: for tests */
  constructor(root: string, files: readonly string[] = listFiles(root), texts: Readonly<Record<string, string>> = {}) {
    this.root = root;
    this.files = files;
    for (const [path, text] of Object.entries(texts)) this.#texts.set(path, text);
  }

  text(path: string): string {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = readFileSync(join(this.root, path), 'utf8');
    this.#texts.set(path, text);
    return text;
  }

  /** TypeScript of apps, libs and tools, tests included. */
  sources(): readonly Source[] {
    return this.files.filter((path) => /^(apps|libs|tools)\/.*\.tsx?$/.test(path) && !path.endsWith('.d.ts')).map((path) => this.source(path));
  }

  source(path: string): Source {
    const known = this.#sources.get(path) ?? readSource(path, this.text(path));
    this.#sources.set(path, known);
    return known;
  }

  packages(): readonly Package[] {
    return this.files
      .filter((path) => /^(apps|libs)\/.*package\.json$/.test(path))
      .map((path) => ({ folder: dirname(path), manifest: JSON.parse(this.text(path)) as Manifest }));
  }
}

/** Made by programs, or somebody's data: nobody's concern here. The list is .gitignore's; git itself may not be installed. */
const NOT_OURS = /(^|\/)(node_modules|dist|coverage|\.git|\.nx)$|^(data|test-output|bench-output)$/;

function listFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (NOT_OURS.test(path)) return [];
      if (entry.isDirectory()) return listFiles(root, path);
      return entry.isFile() ? [path] : [];
    })
    .toSorted();
}
