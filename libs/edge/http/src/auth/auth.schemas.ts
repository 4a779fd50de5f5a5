/** What clients send to /auth: the contracts without the fields that only the edge knows. */
import { EndSession, IssueToken, RefreshToken, RegisterUser } from '@veche/contracts';

export const AUTH_BODIES = {
  register: RegisterUser.schema.omit({ address: true }),
  token: IssueToken.schema.omit({ address: true }),
  refresh: RefreshToken.schema,
  logout: EndSession.schema,
} as const;
