export { CallServer, type Asked } from './call-server.ts';
export { Membership } from './membership.ts';
export { NodeCalls, type Survey } from './node-calls.ts';
