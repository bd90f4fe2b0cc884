// What a kiosk asks the county for over the network, and signs: rights of one account for a sale that is being made (reconciliation.md
// R3, "online if reachable"). Says what is signed; asks nobody.

/** As numbers and ids stand in it: a nonce of 16 to 64 letters, digits, dashes and underlines, made anew for each question. */
export interface DrawQuestion {
  readonly county: string;
  readonly kiosk: string;
  readonly account: string;
  /** Hundredths of a point. The county answers with a voucher of as much, or of less. */
  readonly want: number;
  readonly nonce: string;
}

/** The text under the kiosk's Ed25519 signature, which goes along in the header `x-signature`, base64url. */
export function drawText({ county, kiosk, account, want, nonce }: DrawQuestion): string {
  return `civicpos-draw-v1\n${county}\n${kiosk}\n${account}\n${want}\n${nonce}\n`;
}
