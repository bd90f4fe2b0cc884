// What it means that an exception is open, for every statement that asks it; exceptions.ts raises and answers them.

/** SQL, of a row of exception: nobody has answered it. */
export const isUnanswered = 'exception.number NOT IN (SELECT exception FROM exception_answer)';
