import { expect, test } from 'vitest';
import { contractionsOf } from './expand.rules.ts';

test.each([
  'ALTER TABLE message DROP COLUMN text',
  'DROP TABLE message',
  'ALTER TABLE message RENAME COLUMN text TO body',
  'ALTER TABLE message ALTER COLUMN ts TYPE timestamptz',
  'ALTER TABLE message ALTER COLUMN ts SET NOT NULL',
  'ALTER TABLE message ADD COLUMN kind text NOT NULL',
  'DELETE FROM message',
])('%s needs a release in between', (statement) => expect(contractionsOf(statement)).toHaveLength(1));

test.each([
  'CREATE TABLE message (id uuid NOT NULL)',
  'ALTER TABLE message ADD COLUMN kind text',
  `ALTER TABLE message ADD COLUMN kind text NOT NULL DEFAULT 'plain'`,
  'CREATE INDEX message_kind ON message (kind)',
  'CREATE TRIGGER tells AFTER INSERT OR DELETE ON message FOR EACH ROW EXECUTE FUNCTION tell()',
])('%s may run beside the release before', (statement) => expect(contractionsOf(statement)).toEqual([]));
