// How Node is started for the county's server. Starts nothing itself.

/**
 * MB that V8 gives to new objects, twice (one half is empty between two collections). Left to itself it takes as much as the machine's memory
 * allows, 64 on one of 24 GB, and keeps it: a third of all that the server holds while it takes files in. The threads beside it (signatures,
 * PostgreSQL) have the same bound.
 */
const semiSpaceMegabytes = 16;

/** Stand before the program's name. The script `county` of package.json says the same. */
export const countyNodeArguments: readonly string[] = [`--max-semi-space-size=${semiSpaceMegabytes}`];
