/** Names the consumer group that tells observations, as a Nest transport and as a provider. */
export const OBSERVATIONS_GROUP = Symbol('identity-observations');
