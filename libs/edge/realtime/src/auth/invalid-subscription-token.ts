import { VecheError } from '@veche/contracts';

/** Forged, or for another channel, user or client. An error of its own because the Centrifugo protocol ends the session for it (3500). */
export class InvalidSubscriptionToken extends VecheError {
  constructor(message: string) {
    super('permission_denied', message);
  }
}
