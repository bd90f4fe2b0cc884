import { expect, test } from 'vitest';
import { isAllowedUrl, pageAt } from '../../../electron/main/addresses.ts';

test('S06: the till and the safe page are pages; a query or a fragment changes nothing', () => {
  expect(['app://kiosk/', 'app://kiosk/index.html?a=1#b', 'app://kiosk/safe.html'].map(pageAt)).toEqual(['till', 'till', 'safe']);
});

const strangers = [
  'https://kiosk/index.html',
  'http://127.0.0.1/',
  'app://kiosk.evil.com/index.html',
  'app://kiosk@evil.com/index.html',
  'app://user@kiosk/index.html',
  'app://user:password@kiosk/index.html',
  'app://kiosk:8080/index.html',
  'app://KIOSK.evil/index.html',
  'app://xn--kiosk-9za/index.html',
  'app:kiosk/index.html',
  'app:///index.html',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'about:blank',
  'chrome://gpu',
  'view-source:app://kiosk/index.html',
  'blob:app://kiosk.evil.com/1',
  'blob:https://example.com/1',
  '',
  'not an address',
];

test.each(strangers)('S06: %s is no page and nothing a page may load', (address) => {
  expect([pageAt(address), isAllowedUrl(address)]).toEqual([null, false]);
});

test('a file of ours is loaded, but is no page to go to', () => {
  expect([pageAt('app://kiosk/assets/main.js'), isAllowedUrl('app://kiosk/assets/main.js')]).toEqual([null, true]);
});

test('pictures made in the page are loaded', () => {
  expect(['blob:app://kiosk/0b7f', 'data:image/png;base64,AA=='].map(isAllowedUrl)).toEqual([true, true]);
});
