// The command `clerk`: adds and removes people who may use the clerk's pages, and gives new first passwords. Shows no password twice.

import type { BookCommand } from '../serve/command.ts';
import { addClerk, clerkRoles, listClerks, removeClerk, resetClerk } from './clerks.ts';

/** `clerk add|reset|remove|list`. */
export const clerk: BookCommand = async (book, { words, name, role }, { say, complain }) => {
  const [what] = words;
  const known = clerkRoles.find((each) => each === role);
  if (what === 'list') {
    for (const each of await book.read(listClerks)) say(`${each.name}  ${each.role}${each.isActive ? '' : '  removed'}\n`);
    return 0;
  }
  if (name === undefined || (what === 'add' && known === undefined) || (what !== 'add' && what !== 'reset' && what !== 'remove')) {
    complain(`usage: npm run county -- clerk add|reset|remove|list --data DIR --name NAME --role ${clerkRoles.join('|')}\n`);
    return 2;
  }
  if (what === 'remove') {
    const removed = await removeClerk(book, name);
    say(removed.ok ? `${name} may sign in no more\n` : `${name} is nobody here\n`);
    return removed.ok ? 0 : 1;
  }
  const made = what === 'add' ? await addClerk(book, { name, role: known! }) : await resetClerk(book, name); // asked above
  say(made.ok ? `first password of ${name}, shown once: ${made.value.password}\n` : `${name}: ${refusals[made.code]}\n`);
  return made.ok ? 0 : 1;
};

const refusals = {
  exists: 'is here already: reset gives a new password',
  bad_name: 'a name has 1 to 40 letters',
  unknown: 'is nobody here',
} as const;
