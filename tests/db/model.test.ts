// The book beside its model: whatever happens in whatever order, the two never part.

import { expect, test } from 'vitest';
import { runLives } from '../support/book-model.ts';

test('sales, credits, repeats, county files, crashes and clocks in any order keep every invariant', async () => {
  await expect(runLives(25, 30)).resolves.toBeUndefined();
});
