// The pass of a test's kiosk at a server, as its engine makes it.

import { type Home, readSigner } from '../../db/home.ts';
import { kioskPass } from '../../db/model/kiosk-pass.ts';

export function passOf(home: Home, pin: string): string {
  const { county, kiosk } = home.config.enrolment;
  return kioskPass({ county, kiosk, pin }, readSigner(home)!.privateKey);
}
