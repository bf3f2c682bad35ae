/** Names the consumer group of the memberships processor, as a Nest transport and as a provider. */
export const MEMBERSHIPS_GROUP = Symbol('segmentation-memberships');
