/** Names the consumer group that tells sightings, as a Nest transport and as a provider. */
export const SIGHTINGS_GROUP = Symbol('identity-sightings');
