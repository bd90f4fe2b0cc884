// Serves the built gallery on this machine with the headers a shop's page has, so that what the policy blocks shows. Never ships.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { findAsset, listAssets, pageHeaders } from '../electron/ipc/page-assets.ts';

/** dist/gallery must have been built: vite build -c build/vite.renderer.config.ts --mode gallery. */
export async function serveGallery(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const assets = listAssets(new URL('../dist/gallery', import.meta.url).pathname);
  const bodies = new Map([...assets.values()].map(({ file }) => [file, readFileSync(file)])); // whoever builds anew takes nothing away
  const server = createServer((request, response) => {
    const asset = findAsset(assets, (request.url ?? '').split('?')[0]!);
    if (asset === undefined) {
      response.writeHead(404).end();
      return;
    }
    // kept by the browser, unlike a shop's page: hundreds of screens are looked at, each a load of its own
    response.writeHead(200, { ...pageHeaders(asset.contentType), 'cache-control': 'max-age=3600' }).end(bodies.get(asset.file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/gallery.html`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Shows one case of a gallery that is served at `url`, as it stands when it has pressed itself to its end. */
export async function showCase(
  page: Page,
  url: string,
  name: string,
  { language = 'zh', text = '100', theme = '' }: { readonly language?: string; readonly text?: string; readonly theme?: string } = {},
): Promise<void> {
  await page.goto(`${url}?case=${name}&language=${language}&text=${text}&theme=${theme}`);
  await page.waitForFunction(() => window.galleryIsStill === true);
}
