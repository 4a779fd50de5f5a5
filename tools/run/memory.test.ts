import { expect, test } from 'vitest';
import { runsPrograms } from './memory.ts';

test.each([
  ['tmpfs /dev/shm tmpfs rw,relatime,size=24684084k 0 0', true],
  ['tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec 0 0', false],
  ['/dev/vda /dev/shm ext4 rw 0 0', false],
  ['tmpfs /run tmpfs rw 0 0', false],
  ['', false],
])('of %j programs are run in shared memory: %s', (mounts, expected) => {
  expect(runsPrograms(mounts)).toBe(expected);
});
