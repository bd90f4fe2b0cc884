// A real file system of a few megabytes in a file, for a disk that fills. Needs root, which CI has.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporary } from './county.ts';

/** Makes and mounts it for the running test; returns where. */
export function smallDisk(megabytes: number): string {
  const directory = temporary(onTestFinished);
  const image = join(directory, 'disk.img');
  const mount = join(directory, 'disk');
  execFileSync('sh', [
    '-c',
    `dd if=/dev/zero of=${image} bs=1M count=${megabytes} status=none && mkfs.ext4 -q ${image} && mkdir ${mount} && mount -o loop ${image} ${mount}`,
  ]);
  onTestFinished(async () => {
    execFileSync('umount', ['-l', mount]);
  });
  return mount;
}
