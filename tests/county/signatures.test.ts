// Signatures are checked on threads of their own, which keep no program running that has nothing more to do.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = `import(${JSON.stringify(new URL('../../county/book/signatures.ts', import.meta.url).href)}).then(async ({ signaturesOf }) => {
  const signatures = signaturesOf(${JSON.stringify(Buffer.alloc(32, 1).toString('base64url'))});
  signatures.add(7, 'text', 'A'.repeat(86));
  console.log(await signatures.end());
})`;

test('a program that has checked its last signature ends', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { timeout: 30_000 });
  expect(stdout).toBe('7\n');
});
