export { Credentials } from './credentials.ts';
export { type DoorsConfig, doorsConfig } from './doors.config.ts';
export { type ErrorAnswer, errorAnswer, type ErrorBody, knownError } from './error-answer.rules.ts';
export { depthOf, endOfString, jsonTextOf, parseJsonBody } from './json-body.rules.ts';
export { isOriginAllowed } from './origin.rules.ts';
export { addressOf, bearerOf, peerOf } from './peer.rules.ts';
export { formatPositions, parsePositions } from './positions.rules.ts';
export { endOfRefused } from './refused-body.ts';
export { RequestLimit } from './request-limit.ts';
