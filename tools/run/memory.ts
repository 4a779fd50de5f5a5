// Where the servers of tests keep their data: in memory, where there is room for it. What dies in tests are processes, never the machine, so nothing is shown
// less by a disk that forgets; and a third of the time of a run on two cores was waiting for one.
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';

const GIB = 1024 ** 3;
/** Beside what the tests themselves take. */
const ROOM = 8 * GIB;
const SHARED_MEMORY = '/dev/shm';
const FOLDER = `${SHARED_MEMORY}/veche-tests`;

/** For TMPDIR: a folder in memory, the same for every run, so that the next one sweeps up after one that was killed; undefined where there is none. */
export function memoryFolder(): string | undefined {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    if (Math.min(bavail * bsize, freemem()) < ROOM || !runsPrograms(readFileSync('/proc/mounts', 'utf8'))) return undefined;
    mkdirSync(FOLDER, { recursive: true });
    // Servers run as somebody else.
    chmodSync(FOLDER, 0o1777);
    return FOLDER;
  } catch {
    return undefined;
  }
}

/** Some unpack a server into their folder and start it there. @param mounts as in /proc/mounts */
export function runsPrograms(mounts: string): boolean {
  const options = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, path, type]) => path === SHARED_MEMORY && type === 'tmpfs')?.[3];
  return options !== undefined && !options.split(',').includes('noexec');
}
