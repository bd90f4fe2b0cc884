// Which addresses the windows may show and load, decided on the parsed address. Opens nothing.

/** The only origin there is; the protocol handler answers it from the app's own files. */
export const pageOrigin = 'app://kiosk';
export const tillAddress = `${pageOrigin}/index.html`;
export const safeAddress = `${pageOrigin}/safe.html`;

/** The till, or what is shown when the till's page crashes again and again. */
export type Page = 'till' | 'safe';

/** The page at an address; null for anything else: another origin, a password, a port, a path that is no page. */
export function pageAt(address: string): Page | null {
  const url = ours(address);
  if (url === null) return null;
  if (url.pathname === '/' || url.pathname === '/index.html') return 'till';
  return url.pathname === '/safe.html' ? 'safe' : null;
}

/** Whether a page may load something from an address (security.md 2.1): own files, and pictures made in the page. */
export function isAllowedUrl(address: string): boolean {
  if (address.startsWith(`blob:${pageOrigin}/`) || address.startsWith('data:image/')) return true;
  return ours(address) !== null;
}

/** `URL.origin` is "null" for a scheme of ours: the parts are compared instead. */
function ours(address: string): URL | null {
  const url = URL.parse(address);
  const isOurs = url?.protocol === 'app:' && url.hostname === 'kiosk' && url.port === '' && url.username === '' && url.password === '';
  return isOurs ? url : null;
}
