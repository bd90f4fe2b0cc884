import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openVirtualScale } from '../../../hardware/virtual/scale.ts';
import { plugVirtualScale } from '../../../hardware/virtual/serve-scale.ts';
import { card } from '../../support/county.ts';
import { aDesk, creditArgs, deskOf } from '../../support/desk.ts';
import { verdictOn } from '../../support/verify.ts';
import { aPtyPair } from '../../hardware/printer/support.ts';

test('a desk whose kiosk.json names a serial port weighs on it, is told when the cable is out, and weighs again once it is back', async () => {
  const line = await aPtyPair();
  const virtual = openVirtualScale({ family: 'st-us' });
  onTestFinished(() => virtual.close());
  let plugged = await plugVirtualScale(virtual, line.device);
  const till = await aDesk(onTestFinished, { scale: `serial:${line.till}?baud=9600&family=st-us` });
  await till.call.scan({ text: card('1') });
  await till.call.chooseMaterial({ materialId: 'plastic-bottle' });
  virtual.set(1_234);
  await vi.waitFor(() => expect(till.weight()).toMatchObject({ grams: 1_234 }), 5_000); // the line brings it when it does
  expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toEqual({ ok: true, value: null });

  await plugged.close();
  await line.unplug();
  await till.until(({ scale }) => scale.state === 'lost');
  expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toMatchObject({ ok: false });
  await line.plug();
  plugged = await plugVirtualScale(virtual, line.device);
  onTestFinished(() => plugged.close());
  virtual.set(0);
  await vi.waitFor(() => expect(till.snapshot()).toMatchObject({ scale: { state: 'ready' }, desk: { isPanClear: true } }), 15_000);
  virtual.set(2_000);
  await vi.waitFor(() => expect(till.weight()).toMatchObject({ grams: 2_000 }), 5_000);
  expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toEqual({ ok: true, value: null });

  expect(deskOf(till).bags.map(({ units }) => units)).toEqual([1_234, 2_000]);
  expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true, value: { points: 48_00 } }); // 3.234 kg at 15 points
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});
