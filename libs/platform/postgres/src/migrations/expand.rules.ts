/** Which statements of a migration break the release before it, that still runs while a new one is rolled out; pure. */

const BREAKS: readonly (readonly [RegExp, string])[] = [
  [/\bDROP\s+TABLE\b/i, 'drops a table'],
  [/\bDROP\s+COLUMN\b/i, 'drops a column'],
  [/\bRENAME\b/i, 'renames'],
  [/\bALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE\b/i, 'changes the type of a column'],
  [/\bALTER\s+COLUMN\s+\S+\s+SET\s+NOT\s+NULL\b/i, 'demands a value that the release before does not write'],
  [/\bADD\s+COLUMN\b(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/i, 'adds a column that the release before cannot fill'],
  [/\bTRUNCATE\b/i, 'removes rows'],
  [/^\s*DELETE\s+FROM\b/i, 'removes rows'],
];

/**
 * What a statement of a migration's `up` does that needs a release in between: first a release that no longer uses the old form, then the
 * migration that removes it.
 */
export const contractionsOf = (statement: string): readonly string[] => BREAKS.filter(([form]) => form.test(statement)).map(([, what]) => what);
