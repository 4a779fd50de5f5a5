/** Kinds of requests and work are named after the service that answers: `auth.issue-token.v1`. */
export const serviceOf = (kind: string): string => kind.slice(0, kind.indexOf('.'));
