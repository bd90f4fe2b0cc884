// A bag comes to rest on a scale behind a serial server, before a slow till: from the last byte of the frame that makes the
// weight stable to that weight on the glass.

import { type AddressInfo, type Socket, createServer } from 'node:net';
import type { Page } from 'playwright-core';
import { kilogramsText } from '../../db/model/format.ts';
import { texts } from '../../renderer/languages/languages.ts';
import { type BenchWindow, measureOnPage } from './bench-page.ts';
import type { Bench } from './measure.ts';

/** As often as such scales send. */
const everyMs = 100;
/** A scale's flag is believed when two equal frames in a row say it, where frames have no check (hardware.md A.4). */
const framesAtRest = 2;

export const weightPainted: Bench = {
  name: 'weight-painted',
  async run(options) {
    const scale = await aSteadyScale();
    try {
      return await measureOnPage(options, {
        name: 'weight-painted',
        measures: 'last byte of a stable frame to the weight painted',
        atMost: 100,
        unmeasured: 5,
        scale: `tcp://127.0.0.1:${scale.port}?family=st-us`,
        async open(page) {
          await page.getByRole('button', { name: texts.zh.desk.place_desk, exact: true }).click();
          await page.getByText(texts.zh.weight.is_zero, { exact: true }).waitFor();
        },
        async act(page, i) {
          const grams = 1_000 + ((i * 379) % 9_000);
          const shown = weightShown(page, kilogramsText(grams));
          await page.evaluate(() => undefined); // it is watched for by now
          const saidAt = await scale.put(grams);
          return (await shown) - saidAt;
        },
      });
    } finally {
      scale.close();
    }
  },
};

/** The moment at which this weight, at rest, was handed over to be shown: ms since the epoch, with fractions. */
function weightShown(page: Page, kilograms: string): Promise<number> {
  return page.evaluate(
    async ({ wanted, atRest }) => {
      const isThere = (): boolean =>
        [...document.querySelectorAll('main .number')].some((figure) => figure.textContent === wanted) &&
        [...document.querySelectorAll('main strong')].some((word) => word.textContent === atRest);
      await (window as unknown as BenchWindow).shown(isThere);
      return performance.timeOrigin + performance.now();
    },
    { wanted: kilograms, atRest: texts.zh.weight.is_stable },
  );
}

/** A scale that says its weight ten times a second to whoever is connected, always at rest. */
async function aSteadyScale(): Promise<{ readonly port: number; put(grams: number): Promise<number>; close(): void }> {
  const sockets = new Set<Socket>();
  let grams = 0;
  let said = 0;
  let told = (_at: number): void => {};
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay());
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const saying = setInterval(() => {
    const frame = `ST,GS,+${(grams / 1_000).toFixed(3).padStart(7)}kg\r\n`;
    for (const socket of sockets) socket.write(frame);
    said += 1;
    if (said === framesAtRest) told(performance.timeOrigin + performance.now());
  }, everyMs);
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    put: (next) =>
      new Promise((resolve) => {
        grams = next;
        said = 0;
        told = resolve;
      }),
    close() {
      clearInterval(saying);
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
