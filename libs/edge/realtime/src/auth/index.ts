export { ApiKeys, type KeyHeaders } from './api-keys.ts';
export { tokensConfig, type TokensConfig } from './auth.config.ts';
export { EdgeAuthModule } from './auth.module.ts';
export { ANONYMOUS, type Identity, type OptionOverride, type SubscriptionPass, type TokenSubscription } from './identity.ts';
export { concerns, type Revoked } from './revocation-list.ts';
export { InvalidSubscriptionToken } from './invalid-subscription-token.ts';
export { Revocations } from './revocations.ts';
export { TokenVerifier } from './token-verifier.ts';
