// Goods as a tile of the page shows them.

import type { Goods } from '../../db/model/catalogue.ts';
import type { GoodsTile } from '../ipc/snapshot.ts';

export function tileOf({ id, zh, bo, size, category, picture, soldBy = 'piece', priceFen, pricePoints }: Goods): GoodsTile {
  return { id, zh, bo, size, category, picture, soldBy, priceFen, pricePoints };
}
