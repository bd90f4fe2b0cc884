// What the auditor throws. Decides nothing.

/** An invariant that did not hold. Its number is that of R6; 0: the theorem of R3. */
export class Violation extends Error {
  readonly invariant: number;
  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`);
    this.invariant = invariant;
  }
}
