// What this program calls itself in the book, on receipts and to the county.

import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }; // our own file

export const software = `jifen-kiosk ${version}`;
