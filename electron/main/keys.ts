// Which keys never reach the page or Chromium: those that reload, zoom, print, close or look inside. Listens to nothing.

export interface Key {
  readonly code: string;
  readonly control: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
}

const alone: ReadonlySet<string> = new Set(['F5', 'F7', 'F11', 'F12', 'BrowserBack', 'BrowserForward', 'BrowserRefresh', 'BrowserHome']);
// Ctrl+J and Ctrl+M stay: a scanner in keyboard mode ends its code with them.
const withControl: ReadonlySet<string> = new Set([
  'KeyR',
  'KeyW',
  'KeyN',
  'KeyT',
  'KeyP',
  'KeyO',
  'KeyS',
  'KeyU',
  'KeyI',
  'KeyQ',
  'F4',
  'Equal',
  'Minus',
  'Digit0',
  'NumpadAdd',
  'NumpadSubtract',
  'Numpad0',
]);
const withAlt: ReadonlySet<string> = new Set(['ArrowLeft', 'ArrowRight', 'Home']);

/** In a shop's kiosk Alt+F4 is swallowed as well; in a window on a desk it closes. */
export function isSwallowed(key: Key, kiosk: boolean): boolean {
  if (alone.has(key.code)) return true;
  if ((key.control || key.meta) && withControl.has(key.code)) return true;
  return key.alt && (withAlt.has(key.code) || (kiosk && key.code === 'F4'));
}
