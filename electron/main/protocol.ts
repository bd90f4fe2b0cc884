// Answers app://kiosk from the built page, from a map of files made once. Never looks a path up on the disk.

import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import { listAssets } from '../ipc/page-assets.ts';
import { answerRequest } from './answer-request.ts';
import type { Answer } from './answer-request.ts';

/** Makes app: a scheme like https (security.md 2.18, CVE-2026-70604: corsEnabled with supportFetchAPI). Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: 'app',
      privileges: {
        standard: true,
        secure: true,
        supportFetchAPI: true,
        corsEnabled: true,
        stream: true,
        codeCache: true,
        bypassCSP: false,
        allowServiceWorkers: false,
      },
    },
  ]);
}

/** Serves the page in `folder`. Throws when it was not built. */
export function servePage(folder: string): void {
  const assets = listAssets(folder);
  protocol.handle('app', (request) => respond(answerRequest(assets, request.method, request.url)));
}

async function respond(answer: Answer): Promise<Response> {
  if (answer.kind === 'refused') return new Response(null, { status: answer.status, headers: { 'x-content-type-options': 'nosniff' } });
  const body = answer.kind === 'text' ? answer.text : new Uint8Array(await readFile(answer.file));
  return new Response(body, { headers: answer.headers });
}
