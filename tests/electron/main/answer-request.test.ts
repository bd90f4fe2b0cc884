import { expect, test } from 'vitest';
import { answerRequest } from '../../../electron/main/answer-request.ts';
import { fc } from '../../support/property.ts';

const assets = new Map([
  ['/index.html', { file: '/app/dist/renderer/index.html', contentType: 'text/html; charset=utf-8' }],
  ['/assets/main-1a2b.js', { file: '/app/dist/renderer/assets/main-1a2b.js', contentType: 'text/javascript; charset=utf-8' }],
]);
const files = new Set([...assets.values()].map(({ file }) => file));

test('a page and its script are answered with type and policy', () => {
  const answers = ['app://kiosk/', 'app://kiosk/index.html?x', 'app://kiosk/assets/main-1a2b.js'].map((url) =>
    answerRequest(assets, 'GET', url),
  );
  expect(answers.map((answer) => (answer.kind === 'file' ? [answer.file, answer.headers['content-type']] : answer))).toEqual([
    ['/app/dist/renderer/index.html', 'text/html; charset=utf-8'],
    ['/app/dist/renderer/index.html', 'text/html; charset=utf-8'],
    ['/app/dist/renderer/assets/main-1a2b.js', 'text/javascript; charset=utf-8'],
  ]);
  expect(
    answers.every((answer) => answer.kind === 'file' && answer.headers['content-security-policy']?.startsWith("default-src 'none'")),
  ).toBe(true);
});

test('the safe page needs nothing of the built page, and no script', () => {
  const page = answerRequest(new Map(), 'GET', 'app://kiosk/safe.html');
  const style = answerRequest(new Map(), 'GET', 'app://kiosk/safe.css');
  expect([page.kind, page.kind === 'text' && page.text.includes('<script'), style.kind]).toEqual(['text', false, 'text']);
});

test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get', ''])('S05: method %s is refused', (method) => {
  expect(answerRequest(assets, method, 'app://kiosk/index.html')).toEqual({ kind: 'refused', status: 405 });
});

test.each([
  'app://kiosk/../../etc/passwd',
  'app://kiosk/assets/../../package.json',
  'app://kiosk/%2e%2e/%2e%2e/etc/passwd',
  'app://kiosk/..%2f..%2fetc%2fpasswd',
  'app://kiosk/..\\..\\windows\\win.ini',
  'app://kiosk/%5c..%5cwindows',
  'app://kiosk/index.html%00.js',
  'app://kiosk/index.html\0',
  'app://kiosk//etc/passwd',
  'app://kiosk/assets/',
  'app://kiosk/INDEX.HTML',
  'app://kiosk.evil.com/index.html',
  'app://other/index.html',
  'app://kiosk@other/index.html',
  'file:///etc/passwd',
  'app://kiosk',
])('S05: %s names no file', (address) => {
  expect(answerRequest(assets, 'GET', address)).toEqual({ kind: 'refused', status: 404 });
});

test('S05: whatever is asked, only files of the map are read', () => {
  const pieces = ['/', '..', '.', '\\', '%2e', '%2f', '%00', '?', '#', 'index.html', 'assets', 'main-1a2b.js', 'etc/passwd', '@', ':'];
  const path = fc.array(fc.constantFrom(...pieces), { maxLength: 10 });
  fc.assert(
    fc.property(path, fc.string(), (parts, tail) => {
      const answer = answerRequest(assets, 'GET', `app://kiosk/${parts.join('')}${tail}`);
      expect(answer.kind !== 'file' || files.has(answer.file)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});
