/** Names the consumer group that folds profiles, as a Nest transport and as a provider. */
export const PROFILES_GROUP = Symbol('profile-builder-profiles');
