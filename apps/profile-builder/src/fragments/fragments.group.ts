/** Names the consumer group that folds fragments, as a Nest transport and as a provider. */
export const FRAGMENTS_GROUP = Symbol('profile-builder-fragments');
