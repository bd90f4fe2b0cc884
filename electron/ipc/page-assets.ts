// The files of the page that a host may give out, and the headers it gives them with. Joins no path that a page asked for.

import { readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export interface Asset {
  readonly file: string;
  readonly contentType: string;
}

/** From the exact path of a URL ("/index.html") to a file. */
export type Assets = ReadonlyMap<string, Asset>;

/** What a page is made of. A file of any other kind (a source map, a note) is not given out. */
const contentTypes: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
};

/** Reads the folder once; files that come later, links and hidden files are not in the map. Throws when there is no folder. */
export function listAssets(folder: string): Assets {
  const assets = new Map<string, Asset>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const contentType = contentTypes[extname(entry.name)];
    if (entry.isFile() && contentType !== undefined) assets.set(`/${relative(folder, file).split(sep).join('/')}`, { file, contentType });
  }
  return assets;
}

/** The asset of a path as it stands in the request: nothing is decoded or normalised, so `..`, `%2e` and `\` name no asset. */
export function findAsset(assets: Assets, path: string): Asset | undefined {
  return assets.get(path === '/' ? '/index.html' : path);
}

/** security.md 2.7: nothing but the page's own files, no inline code, Trusted Types; 2.5: no device and no sensor. */
export function pageHeaders(contentType: string, connectTo: readonly string[] = []): { readonly [name: string]: string } {
  return {
    'content-type': contentType,
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "media-src 'self'",
      ["connect-src 'self'", ...connectTo].join(' '),
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), bluetooth=(), payment=()',
    'cache-control': 'no-store', // The files are on this machine: a cache saves nothing and may keep an old page.
  };
}
