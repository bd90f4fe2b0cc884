// Files to kiosks of a book that was put back: which of them it took up again, and when it was last put back. Knows nothing of what they say.

/** The act that a file of then became again, which the county made before the loss. */
export const takenUpKind = 'taken_up';
