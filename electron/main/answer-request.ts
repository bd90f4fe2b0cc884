// What the protocol handler answers to one request of a page: a file of the map, the safe page, or a status. Reads no file.

import { findAsset, pageHeaders } from '../ipc/page-assets.ts';
import type { Assets } from '../ipc/page-assets.ts';
import { pageOrigin } from './addresses.ts';
import { safePage, safeStyle } from './safe-page.ts';

export type Answer =
  | { readonly kind: 'file'; readonly file: string; readonly headers: { readonly [name: string]: string } }
  | { readonly kind: 'text'; readonly text: string; readonly headers: { readonly [name: string]: string } }
  | { readonly kind: 'refused'; readonly status: 404 | 405 };

/** security.md 2.18: GET only, our host only, and the path must stand in the map as it was written. */
export function answerRequest(assets: Assets, method: string, address: string): Answer {
  if (method !== 'GET') return { kind: 'refused', status: 405 };
  if (!address.startsWith(`${pageOrigin}/`)) return { kind: 'refused', status: 404 };
  const path = address.slice(pageOrigin.length).split(/[?#]/)[0]!;
  if (path === '/safe.html') return { kind: 'text', text: safePage, headers: pageHeaders('text/html; charset=utf-8') };
  if (path === '/safe.css') return { kind: 'text', text: safeStyle, headers: pageHeaders('text/css; charset=utf-8') };
  const asset = findAsset(assets, path);
  if (asset === undefined) return { kind: 'refused', status: 404 };
  return { kind: 'file', file: asset.file, headers: pageHeaders(asset.contentType) };
}
