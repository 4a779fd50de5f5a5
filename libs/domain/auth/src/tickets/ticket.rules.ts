/** A ticket is 256 random bits; the database holds its hash, and the token sealed with it: a reader of the table can redeem nothing. */
import { createHash, randomBytes } from 'node:crypto';
import { keyFrom, seal, unseal } from '../sealing.ts';

const FORM = /^[A-Za-z0-9_-]{43}$/;

export const newTicket = (): string => randomBytes(32).toString('base64url');
export const isTicket = (text: string): boolean => FORM.test(text);
export const ticketHash = (ticket: string): Buffer => createHash('sha256').update('ticket').update(ticket).digest();
export const sealToken = (token: string, ticket: string): Buffer => seal(Buffer.from(token), keyFrom(ticket, 'ticket'), 'ticket');
export const unsealToken = (sealed: Buffer, ticket: string): string => unseal(sealed, keyFrom(ticket, 'ticket'), 'ticket').toString();
