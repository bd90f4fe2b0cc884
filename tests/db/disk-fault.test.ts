// What an error of SQLite or of the file system says about the disk, and what it does not.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskFault, openWritable } from '../../db/sqlite.ts';
import { temporary } from '../support/county.ts';

test.each([
  ['SQLITE_FULL', 'disk_full'],
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['SQLITE_READONLY', 'disk_read_only'],
  ['SQLITE_READONLY_DBMOVED', 'disk_read_only'],
  ['SQLITE_CANTOPEN', 'disk_read_only'],
  ['EROFS', 'disk_read_only'],
  ['EACCES', 'disk_read_only'],
  ['EPERM', 'disk_read_only'],
  ['SQLITE_NOTADB', 'book_foreign'],
  ['SQLITE_BUSY', 'book_busy'],
  ['SQLITE_LOCKED_SHAREDCACHE', 'book_busy'],
  ['SQLITE_CORRUPT', 'book_damaged'],
  ['SQLITE_CORRUPT_INDEX', 'book_damaged'],
  ['SQLITE_IOERR', 'book_damaged'],
  ['SQLITE_IOERR_FSYNC', 'book_damaged'], // pages are marked clean all the same: nothing read from now on can be believed (D2, 7)
  ['SQLITE_IOERR_WRITE', 'book_damaged'],
  ['EIO', 'book_damaged'],
  ['SQLITE_CONSTRAINT_CHECK', null],
  ['SQLITE_MISUSE', null],
  ['ENOENT', null],
  ['', null],
])('%s is %s', (code, fault) => {
  expect(diskFault(Object.assign(new Error('x'), { code }))).toBe(fault);
});

test.each([undefined, null, 'SQLITE_FULL', { code: 'SQLITE_FULL' }, new Error('SQLITE_FULL')])(
  '%j, which is no error of theirs, says nothing',
  (thrown) => {
    expect(diskFault(thrown)).toBeNull();
  },
);

test('an error of the driver itself is understood', () => {
  const directory = temporary(onTestFinished);
  mkdirSync(join(directory, 'book.db'));
  let thrown: unknown = null;
  try {
    openWritable(join(directory, 'book.db'), { mustExist: false });
  } catch (error) {
    thrown = error;
  }
  expect(diskFault(thrown)).toBe('disk_read_only');
});
