// fast-check as our tests use it: in CI every run tries the same values, so that a red run tells of the change it judges.
// Everywhere else the values are new each time; what they find becomes an example or a fix. PROPERTY_SEED=N tries N's again.

import * as fc from 'fast-check';

/** Any number: it only has to stay the same. */
const seedOfCi = 20_261_123;

const asked = process.env['PROPERTY_SEED'] ?? (process.env['CI'] === 'true' ? String(seedOfCi) : null);
if (asked !== null) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked) });

export { fc };
